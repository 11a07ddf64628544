"""The one-time link, and the cookie that it leaves."""

import concurrent.futures
from http.cookies import SimpleCookie

import pytest

from tests.rpcs import Refusal, refused
from tests.security.login import COOKIE, cookie_header, log_in, login_code
from tests.serving import RunningServer


def test_the_cookie_is_for_this_server_alone(guarded: RunningServer) -> None:
    answer = guarded.call("GET", f"/login?code={login_code(guarded)}", key=False)
    assert answer.status == 303
    assert answer.headers["location"] == "/"
    assert answer.headers["cache-control"] == "no-store"
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert cookie["httponly"] is True
    assert cookie["samesite"].lower() == "strict"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert 29 * 86400 < int(cookie["max-age"]) <= 30 * 86400
    assert guarded.key not in cookie.value


def test_the_cookie_opens(guarded: RunningServer) -> None:
    cookie = log_in(guarded)
    assert guarded.call("GET", "/api/v1/clips", headers=cookie_header(cookie), key=False).status == 200


def test_a_code_works_once(guarded: RunningServer) -> None:
    code = login_code(guarded)
    assert guarded.call("GET", f"/login?code={code}", key=False).status == 303
    again = guarded.call("GET", f"/login?code={code}", key=False)
    assert again.status == 401
    assert "set-cookie" not in again.headers
    assert b"clipshot login" in again.body, "it says what to do"


def test_of_many_at_once_one_gets_in(guarded: RunningServer) -> None:
    code = login_code(guarded)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        calls = [pool.submit(guarded.call, "GET", f"/login?code={code}", key=False) for _ in range(12)]
        statuses = sorted(one.result().status for one in calls)
    assert statuses == [303, *[401] * 11]


def test_a_preview_of_the_link_does_not_use_it_up(guarded: RunningServer) -> None:
    code = login_code(guarded)
    guarded.call("HEAD", f"/login?code={code}", key=False)
    guarded.call("POST", f"/login?code={code}", key=False)
    assert guarded.call("GET", f"/login?code={code}", key=False).status == 303


@pytest.mark.parametrize("code", ["", "x", "x" * 128, "x" * 5000, "%00", "a&code=b", "../", "%F0%9F%98%80"])
def test_wrong_codes(guarded: RunningServer, code: str) -> None:
    answer = guarded.call("GET", f"/login?code={code}", key=False)
    assert answer.status == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value[:-1] + ("0" if value[-1] != "0" else "1"),
        lambda value: "9" + value,
        lambda value: value.rpartition(".")[0],
        lambda value: "",
        lambda value: "9999999999.x." + "0" * 64,
        lambda value: "nan.x." + "0" * 64,
        lambda value: "." * 5,
    ],
    ids=["signature", "expiry", "none", "empty", "forged", "no number", "dots"],
)
def test_a_tampered_cookie(guarded: RunningServer, change: object) -> None:
    assert callable(change)
    answer = guarded.call("GET", "/api/v1/clips", headers=cookie_header(change(log_in(guarded))), key=False)
    assert answer.status == 401
    assert Refusal.of_rest(answer).code == "UNAUTHENTICATED"


def test_a_cookie_over_grpc_is_nothing(guarded: RunningServer) -> None:
    refusal = refused(guarded, "ClipService.ListClips", metadata=[("x-clipshot-cookie", log_in(guarded))])
    assert refusal.code == "UNAUTHENTICATED"


def test_only_a_caller_with_a_key_or_a_cookie_gets_a_code(guarded: RunningServer) -> None:
    assert guarded.call("POST", "/api/v1/system/login-codes", {}, key=False).status == 401
