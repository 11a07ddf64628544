"""By which names the server may be called, and from which pages."""

import http.client
import json
import urllib.parse

import pytest

from tests.rpcs import Refusal
from tests.security.login import cookie_header, log_in
from tests.serving import Answer, RunningServer, lower

ROUTES = [
    "/",
    "/healthz",
    "/docs",
    "/openapi.json",
    "/login?code=x",
    "/api/v1/system/version",
    "/api/v1/clips/x/media",
    "/x",
]
PAGE = "http://localhost:3000"
FOREIGN = ["http://evil.example", "null", "http://127.0.0.1.evil.example", "http://localhost:1", "file://", "garbage"]


def raw(server: RunningServer, method: str, path: str, headers: list[tuple[str, str]]) -> Answer:
    """A request with exactly these headers, Host among them."""
    address = urllib.parse.urlsplit(server.rest)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    try:
        return Answer(answer.status, lower(answer.headers), answer.read())
    finally:
        connection.close()


def port(server: RunningServer) -> int:
    found = urllib.parse.urlsplit(server.rest).port
    assert found
    return found


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.nip.io:{port}",
        "localhost.evil.example",
        "169.254.169.254",
        "0.0.0.0:{port}",
        "127.0.0.1@evil.example",
        "",
    ],
)
def test_foreign_hosts_are_refused_everywhere(guarded: RunningServer, host: str, path: str) -> None:
    headers = [("Host", host.format(port=port(guarded))), ("X-API-Key", guarded.key)]
    answer = raw(guarded, "GET", path, headers)
    assert answer.status in (400, 403, 421), answer.body
    if answer.status != 400:
        assert Refusal.of_rest(answer).reason == "HOST_NOT_ALLOWED"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "LOCALHOST:{port}", "localhost"]
)
def test_own_names_are_answered(guarded: RunningServer, host: str) -> None:
    headers = [("Host", host.format(port=port(guarded))), ("X-API-Key", guarded.key)]
    assert raw(guarded, "GET", "/api/v1/system/version", headers).status == 200


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "PUT", "OPTIONS", "HEAD"])
def test_foreign_pages_may_not_write(guarded: RunningServer, method: str, origin: str) -> None:
    answer = guarded.call(method, "/api/v1/clips/x", {} if method == "PATCH" else None, {"Origin": origin})
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers
    if method != "HEAD":
        assert Refusal.of_rest(answer).reason == "ORIGIN_NOT_ALLOWED"


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_pages_cannot_read(guarded: RunningServer, origin: str) -> None:
    plain = guarded.call("GET", "/api/v1/system/version", headers={"Origin": origin})
    assert plain.status == 200, "with a key this is no browser's doing"
    assert "access-control-allow-origin" not in plain.headers
    cookie = log_in(guarded)
    answer = guarded.call("GET", "/api/v1/system/version", headers=cookie_header(cookie, Origin=origin), key=False)
    assert answer.status == 403
    assert Refusal.of_rest(answer).reason == "ORIGIN_NOT_ALLOWED"


def test_own_and_configured_pages_may(guarded: RunningServer) -> None:
    cookie = log_in(guarded)
    for origin in (guarded.rest, PAGE, "http://localhost:5173"):
        answer = guarded.call("GET", "/api/v1/system/version", headers=cookie_header(cookie, Origin=origin), key=False)
        assert answer.status == 200, origin
        written = guarded.call(
            "POST", "/api/v1/clips:purge", {"validate_only": True}, cookie_header(cookie, Origin=origin), key=False
        )
        assert written.status == 200, origin
        shared = answer.headers.get("access-control-allow-origin")
        assert shared == (None if origin == guarded.rest else origin), "never a star"
        if shared:
            assert answer.headers["access-control-allow-credentials"] == "true"
        assert "origin" in answer.headers["vary"].lower()


def test_a_preflight_of_a_configured_page(guarded: RunningServer) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "x-api-key"}
    answer = guarded.call("OPTIONS", "/api/v1/clips/x", headers=asked, key=False)
    assert answer.status in (200, 204)
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert "x-api-key" in answer.headers["access-control-allow-headers"].lower()
    assert answer.headers["access-control-allow-origin"] == PAGE


def test_a_form_of_a_foreign_page_changes_nothing(guarded: RunningServer) -> None:
    """What a browser sends without asking first: a form's content type, and the cookie if SameSite failed."""
    cookie = log_in(guarded)
    headers = cookie_header(cookie, Origin="http://evil.example") | {"Content-Type": "text/plain"}
    answer = guarded.call("POST", "/api/v1/clips:purge", json.dumps({}).encode(), headers, key=False)
    assert answer.status == 403


def test_the_names_and_pages_of_the_settings(guarded: RunningServer) -> None:
    assert (
        guarded.call("GET", "/healthz", headers={"Origin": "http://localhost:3000.evil.example"}, key=False).status
        == 200
    )
    answer = guarded.call("POST", "/api/v1/clips:purge", {}, {"Origin": "http://localhost:3000.evil.example"})
    assert answer.status == 403
