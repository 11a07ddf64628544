"""Keys, cookies, codes and signed links: each lets in what it should, and nothing else, and no longer."""

import re

import pytest

from clipshot.core.access.api_key import ApiKey
from clipshot.core.access.failed_keys import MAX_FAILURES, FailedKeys
from clipshot.core.access.link_signer import LinkSigner
from clipshot.core.access.login_codes import MAX_OPEN_CODES, LoginCodes
from clipshot.core.access.login_cookie import LoginCookie
from clipshot.core.access.service import AccessService, Caller, Credentials
from clipshot.core.errors import (
    ClipShotError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnauthenticatedError,
)
from tests.clocks import StoppedClock

_MEDIA = "/api/v1/clips/clp_1/media"


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def access(clock: StoppedClock) -> AccessService:
    secret = b"s" * 32
    return AccessService(
        key=ApiKey("right"),
        failed_keys=FailedKeys(clock),
        links=LinkSigner(secret, clock),
        codes=LoginCodes(clock),
        cookies=LoginCookie(secret, clock),
    )


def _key(key: str, address: str = "ipv4:127.0.0.1") -> Credentials:
    return Credentials(address, key)


def _reason(access: AccessService, shown: Credentials, path: str | None = None) -> str:
    with pytest.raises(ClipShotError) as caught:
        access.authenticate(shown, path)
    return caught.value.reason


def test_the_right_key_lets_in(access: AccessService) -> None:
    assert access.authenticate(_key("right"), None) is Caller.KEY


@pytest.mark.parametrize("key", ["wrong", "righ", "right ", "ä" * 1000])
def test_a_wrong_key_does_not(access: AccessService, key: str) -> None:
    assert _reason(access, _key(key)) == "KEY_INVALID"


def test_nothing_shown_lets_nobody_in_and_is_no_failed_key(access: AccessService) -> None:
    for _ in range(MAX_FAILURES + 1):
        assert _reason(access, _key("")) == "KEY_MISSING"


def test_guessing_is_refused_even_with_the_right_key_until_a_minute_is_over(
    access: AccessService, clock: StoppedClock
) -> None:
    for number in range(MAX_FAILURES):
        assert _reason(access, _key(f"guess-{number}")) == "KEY_INVALID"
    assert _reason(access, _key("guess")) == "TOO_MANY_FAILED_KEYS"
    assert _reason(access, _key("right")) == "TOO_MANY_FAILED_KEYS"
    assert access.authenticate(_key("right", "unix"), None) is Caller.KEY
    clock.forward(seconds=61)
    assert access.authenticate(_key("right"), None) is Caller.KEY


def test_guesses_between_repetitions_of_one_key_are_still_guesses(access: AccessService) -> None:
    for number in range(MAX_FAILURES):
        for key in ("stale", f"guess-{number}"):
            with pytest.raises((UnauthenticatedError, ResourceExhaustedError)):
                access.authenticate(_key(key), None)
    assert _reason(access, _key("right")) == "TOO_MANY_FAILED_KEYS"


def test_a_stale_key_is_told_to_stop_and_locks_nobody_out(access: AccessService) -> None:
    reasons = [_reason(access, _key("stale")) for _ in range(MAX_FAILURES + 1)]
    assert reasons == ["KEY_INVALID"] * MAX_FAILURES + ["TOO_MANY_FAILED_KEYS"]
    assert access.authenticate(_key("right"), None) is Caller.KEY


def test_the_limit_says_its_name_and_how_long_to_wait(access: AccessService) -> None:
    for _ in range(MAX_FAILURES):
        _reason(access, _key("stale"))
    with pytest.raises(ResourceExhaustedError) as caught:
        access.authenticate(_key("stale"), None)
    assert caught.value.metadata == {"limit": "failed_keys_per_minute", "retry_after_seconds": "60"}


def test_a_code_gives_one_cookie_that_lasts_30_days(access: AccessService, clock: StoppedClock) -> None:
    cookie = access.exchange_login_code(access.create_login_code().code)
    shown = Credentials("unix", cookie=cookie.value)
    clock.forward(days=29)
    assert access.authenticate(shown, None) is Caller.COOKIE
    clock.forward(days=1)
    assert _reason(access, shown) == "COOKIE_EXPIRED"


def test_a_code_works_once(access: AccessService) -> None:
    code = access.create_login_code().code
    access.exchange_login_code(code)
    with pytest.raises(UnauthenticatedError, match="used before"):
        access.exchange_login_code(code)


def test_a_code_works_for_a_minute(access: AccessService, clock: StoppedClock) -> None:
    code = access.create_login_code().code
    clock.forward(seconds=60)
    with pytest.raises(UnauthenticatedError):
        access.exchange_login_code(code)


def test_open_codes_are_limited(access: AccessService, clock: StoppedClock) -> None:
    for _ in range(MAX_OPEN_CODES):
        access.create_login_code()
    with pytest.raises(ResourceExhaustedError) as caught:
        access.create_login_code()
    assert (caught.value.reason, caught.value.metadata["limit"]) == ("TOO_MANY_LOGIN_CODES", "open_login_codes")
    clock.forward(seconds=61)
    access.create_login_code()


@pytest.mark.parametrize("value", ["", ".", "1.2.3", "99999999999.x.", "x.y.z"])
def test_made_up_cookies_are_refused(access: AccessService, value: str) -> None:
    shown = Credentials("unix", cookie=value or "x")
    assert _reason(access, shown) == "COOKIE_INVALID"


def test_a_cookie_of_another_secret_is_refused(access: AccessService, clock: StoppedClock) -> None:
    other = LoginCookie(b"o" * 32, clock).issue()
    assert _reason(access, Credentials("unix", cookie=other.value)) == "COOKIE_INVALID"


def test_a_link_reads_its_path_for_ten_minutes(access: AccessService, clock: StoppedClock) -> None:
    url = access.sign(_MEDIA).url
    assert re.fullmatch(rf"{_MEDIA}\?expires=\d+&sig=[0-9a-f]{{64}}", url)
    shown = Credentials("unix", signed=url, http_method="GET")
    clock.forward(minutes=9, seconds=59)
    assert access.authenticate(shown, _MEDIA) is Caller.LINK
    clock.forward(seconds=1)
    assert _reason(access, shown, _MEDIA) == "LINK_EXPIRED"


def test_the_query_of_a_link_is_signed_too(access: AccessService) -> None:
    url = access.sign("/api/v1/system/events?topics=clip:*").url
    path = "/api/v1/system/events"
    assert access.authenticate(Credentials("unix", signed=url, http_method="GET"), path) is Caller.LINK
    wider = url.replace("topics=clip:*", "topics=*")
    assert _reason(access, Credentials("unix", signed=wider, http_method="GET"), path) == "LINK_INVALID"


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", ""])
def test_a_link_only_reads(access: AccessService, method: str) -> None:
    shown = Credentials("unix", signed=access.sign(_MEDIA).url, http_method=method)
    assert _reason(access, shown, _MEDIA) == "LINK_OTHER_CALL"


@pytest.mark.parametrize("path", [None, "/api/v1/clips/clp_2/media", "/api/v1/clips/clp_1/thumbnail"])
def test_a_link_reaches_no_other_call(access: AccessService, path: str | None) -> None:
    shown = Credentials("unix", signed=access.sign(_MEDIA).url, http_method="GET")
    with pytest.raises(PermissionDeniedError):
        access.authenticate(shown, path)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.replace("expires=", "expires=9"),
        lambda url: url.replace("clp_1", "clp_2"),
        lambda url: url + "&more=1",
        lambda url: url.partition("&sig")[0],
        lambda url: "&sig=",
    ],
)
def test_a_changed_link_is_refused(access: AccessService, change: object) -> None:
    assert callable(change)
    shown = Credentials("unix", signed=change(access.sign(_MEDIA).url), http_method="GET")
    assert _reason(access, shown, "/api/v1/clips/clp_2/media") == "LINK_INVALID"


def test_what_is_shown_first_decides(access: AccessService) -> None:
    cookie = access.exchange_login_code(access.create_login_code().code).value
    shown = Credentials("unix", "wrong", cookie=cookie)
    assert _reason(access, shown) == "KEY_INVALID"
