"""Signed links read one thing for ten minutes, and nothing else."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest

from clipshot.core.access.link_signer import LinkSigner
from tests.rpcs import Refusal, call, refused
from tests.security.conftest import SECRET_KEY
from tests.serving import RunningServer


def media_url(server: RunningServer, clip: str) -> str:
    return str(server.call("GET", f"/api/v1/clips/{clip}").json()["media_url"])


def signed_at(path: str, when: datetime) -> str:
    """What the server would have signed at another time: its secret is known here."""
    return LinkSigner(SECRET_KEY.encode(), lambda: when).sign(path).url


def now() -> datetime:
    return datetime.now(UTC)


def check_refused(server: RunningServer, url: str, *reasons: str) -> None:
    answer = server.call("GET", url, key=False)
    assert answer.status in (401, 403), (url, answer.status)
    refusal = Refusal.of_rest(answer)
    assert refusal.reason in reasons
    assert "sig=" not in refusal.message


def test_a_link_reads_without_a_key(guarded: RunningServer, clip: str) -> None:
    shown = guarded.call("GET", f"/api/v1/clips/{clip}").json()
    whole = guarded.call("GET", shown["media_url"], key=False)
    assert whole.status == 200
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["cache-control"].startswith("private")
    part = guarded.call("GET", shown["media_url"], headers={"Range": "bytes=0-9"}, key=False)
    assert (part.status, part.body) == (206, whole.body[:10])
    assert guarded.call("HEAD", shown["media_url"], key=False).status == 200
    assert guarded.call("GET", shown["thumbnail_url"], key=False).body.startswith(b"\xff\xd8\xff")


def test_the_tests_sign_as_the_server_does(guarded: RunningServer, clip: str) -> None:
    assert guarded.call("GET", signed_at(f"/api/v1/clips/{clip}/media", now()), key=False).status == 200


@pytest.mark.parametrize("minutes", [10, 11, 60 * 24 * 365])
def test_an_expired_link(guarded: RunningServer, clip: str, minutes: int) -> None:
    url = signed_at(f"/api/v1/clips/{clip}/media", now() - timedelta(minutes=minutes, seconds=1))
    check_refused(guarded, url, "LINK_EXPIRED")


def test_a_link_that_would_live_longer_than_ten_minutes(guarded: RunningServer, clip: str) -> None:
    """Even one that is signed well: nobody should be able to hand out more."""
    check_refused(guarded, signed_at(f"/api/v1/clips/{clip}/media", now() + timedelta(hours=1)), "LINK_EXPIRED")


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.replace("expires=", "expires=9"),
        lambda url: url.replace("/media", "/thumbnail"),
        lambda url: url.partition("&sig=")[0] + "&sig=",
        lambda url: url.partition("&sig=")[0] + "&sig=" + "0" * 64,
        lambda url: url.replace("?", "?kind=thumbnail&"),
        lambda url: url + "&expires=99999999999",
        lambda url: url.upper().replace("/API/V1/CLIPS", "/api/v1/clips").replace("MEDIA?EXPIRES", "media?expires"),
        lambda url: url.replace("expires", "%65xpires"),
    ],
    ids=["signature", "expiry", "path", "none", "zeros", "more query", "second expiry", "case", "spelling"],
)
def test_a_tampered_link(guarded: RunningServer, clip: str, change: object) -> None:
    assert callable(change)
    url = change(media_url(guarded, clip))
    answer = guarded.call("GET", url, key=False)
    assert answer.status in (401, 403, 404), answer.status
    assert b"ftyp" not in answer.body[:64]


def test_a_link_for_another_clip(guarded: RunningServer, clip: str) -> None:
    answer = guarded.call("POST", "/api/v1/capture/sessions/current:saveReplay", {"duration": "0.5s"})
    other = answer.json()["saved_clip"]["clip_id"]
    url = media_url(guarded, clip).replace(clip, other)
    check_refused(guarded, url, "LINK_INVALID")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_link_only_reads(guarded: RunningServer, clip: str, method: str) -> None:
    url = signed_at(f"/api/v1/clips/{clip}", now())
    answer = guarded.call(method, url, {} if method == "PATCH" else None, key=False)
    assert answer.status in (401, 403, 405)
    assert guarded.call("GET", f"/api/v1/clips/{clip}").json()["state"] == "ready"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/clips",
        "/api/v1/clips/x",
        "/api/v1/system/metrics",
        "/api/v1/capture/sessions",
        "/api/v1/operations",
        "/api/v1/events/history",
        "/api/v1/system/login-codes",
    ],
)
def test_what_links_are_not_for(guarded: RunningServer, path: str) -> None:
    assert refused(guarded, "AccessService.CreateSignedLink", {"path": path}).code == "INVALID_ARGUMENT"
    answer = guarded.call("GET", signed_at(path, now()), key=False)
    assert answer.status in (401, 403, 405), "not even when it is signed well"


@pytest.mark.parametrize(
    "path", ["/api/v1/capture/sessions/current/preview", "/api/v1/capture/sessions/current/preview?max_width=64"]
)
def test_a_link_made_on_request(guarded: RunningServer, path: str) -> None:
    answer = guarded.call("POST", "/api/v1/system/links", {"path": path})
    assert answer.status == 200, answer.body
    link = answer.json()
    seen = guarded.call("GET", link["url"], key=False)
    assert (seen.status, seen.headers["content-type"]) == (200, "image/jpeg")
    expires = datetime.fromisoformat(link["expire_time"])
    assert now() < expires <= now() + timedelta(minutes=10, seconds=1)


def test_a_link_over_grpc_is_nothing(guarded: RunningServer, clip: str) -> None:
    """Only the gateway's own socket may carry what a browser showed."""
    shown = [("x-clipshot-signed", media_url(guarded, clip)), ("x-clipshot-method", "GET")]
    refusal = refused(guarded, "ClipService.ResolveMedia", {"clip_id": clip, "kind": "media"}, metadata=shown)
    assert refusal.code == "UNAUTHENTICATED"


@pytest.mark.parametrize("wrong", ["other clip", "other kind", "other method", "other service"])
def test_the_core_checks_what_the_gateway_hands_on(guarded: RunningServer, clip: str, wrong: str) -> None:
    """A gateway that mixed up paths would still not get at anything else."""
    shown = {"x-clipshot-signed": media_url(guarded, clip), "x-clipshot-method": "GET"}
    name, asked = "ClipService.ResolveMedia", {"clip_id": clip, "kind": "media"}
    with grpc.insecure_channel(f"unix:{guarded.run['socket']}") as channel:
        assert call(guarded, name, asked, metadata=list(shown.items()), channel=channel).path
        match wrong:
            case "other clip":
                asked |= {"clip_id": "x"}
            case "other kind":
                asked |= {"kind": "thumbnail"}
            case "other method":
                shown["x-clipshot-method"] = "DELETE"
            case "other service":
                name, asked = "ClipService.GetClip", {"clip_id": clip}
        refusal = refused(guarded, name, asked, metadata=list(shown.items()), channel=channel)
    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "LINK_OTHER_CALL")


def test_the_literal_default_secret_signs_nothing(guarded: RunningServer, clip: str) -> None:
    url = LinkSigner(b"change-me-in-production", now).sign(f"/api/v1/clips/{clip}/media").url
    check_refused(guarded, url, "LINK_INVALID")
