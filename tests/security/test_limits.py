"""Requests that are too much, each refused by name, and the server that goes on."""

import http.client
import json
import socket
import urllib.parse
from typing import Any

import grpc
import pytest

from tests.contract.scene import Scene
from tests.rpcs import API, Refusal, call, refused
from tests.serving import Answer, RunningServer


def alive(server: RunningServer) -> bool:
    return server.call("GET", "/healthz", key=False).status == 200


def raw_request(server: RunningServer, data: bytes, *, patience: float = 20, limit: int = 1 << 16) -> bytes:
    """Whatever the server says to these bytes until it closes the connection or says nothing more."""
    address = urllib.parse.urlsplit(server.rest)
    assert address.hostname
    assert address.port
    said = b""
    with socket.create_connection((address.hostname, address.port), timeout=patience) as connection:
        try:
            connection.sendall(data)
            while len(said) < limit and (part := connection.recv(65536)):
                said += part
        except (ConnectionResetError, BrokenPipeError, TimeoutError):
            pass
    return said


def post_text(server: RunningServer, path: str, body: bytes) -> Any:
    return server.call("POST", API + path, body)


def test_a_big_body(server: RunningServer) -> None:
    """Refused before it is sent, where the caller asks; a body that comes all the same is cut off."""
    head = f"POST {API}/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {server.key}\r\nContent-Length: {8 << 20}\r\n"
    said = raw_request(server, f"{head}Expect: 100-continue\r\nConnection: close\r\n\r\n".encode())
    status, _, rest = said.partition(b"\r\n")
    assert b" 413 " in status, said[:200]
    refusal = Refusal.of_rest(Answer(413, {}, rest.partition(b"\r\n\r\n")[2]))
    assert (refusal.reason, refusal.domain) == ("BODY_TOO_LARGE", "clipshot")
    assert int(refusal.metadata["max_bytes"]) > 0
    said = raw_request(server, head.encode() + b"\r\n" + b"x" * (8 << 20))
    assert said == b"" or b" 413 " in said.split(b"\r\n", 1)[0]
    assert alive(server)


def test_a_big_body_of_unknown_length(server: RunningServer) -> None:
    head = f"POST {API}/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {server.key}\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    said = raw_request(server, head.encode() + chunk * 64 + b"0\r\n\r\n")
    assert b" 413 " in said.split(b"\r\n", 1)[0] or said == b"", said[:200]
    assert alive(server)


def test_a_body_that_claims_to_be_bigger(server: RunningServer) -> None:
    head = f"POST {API}/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {server.key}\r\nContent-Length: 999999999999\r\n\r\n{{"
    assert b" 413 " in raw_request(server, head.encode()).split(b"\r\n", 1)[0]
    assert alive(server)


@pytest.mark.parametrize("depth", [200, 20_000, 200_000])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_deep_json(server: RunningServer, left: str, right: str, depth: int) -> None:
    middle = "1"
    body = f'{{"type": "test:deep", "payload": {{"x": {left * depth}{middle}{right * depth}}}}}'.encode()
    answer = post_text(server, "/events", body)
    assert answer.status in (400, 413), answer.status
    assert Refusal.of_rest(answer).domain == "clipshot"
    assert alive(server)


def test_a_wide_payload(server: RunningServer) -> None:
    payload = {f"k{n}": n for n in range(40_000)}
    answer = post_text(server, "/events", json.dumps({"type": "test:wide", "payload": payload}).encode())
    assert answer.status in (201, 400, 413)
    assert alive(server)


def test_a_big_message_over_grpc(server: RunningServer) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call(server, "EventService.PublishEvent", {"type": "test:big", "payload": {"x": "x" * (32 << 20)}})
    assert caught.value.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT)
    assert alive(server)


def test_big_headers(server: RunningServer) -> None:
    for size, statuses in ((16 << 10, (200, 431)), (8 << 20, (431,))):
        head = f"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Filler: {'x' * size}\r\nConnection: close\r\n\r\n"
        said = raw_request(server, head.encode())
        assert said == b"" or int(said.split(b" ", 2)[1]) in statuses, said[:100]
    assert alive(server)


@pytest.mark.parametrize("header", ["X-API-Key", "Last-Event-ID", "Cookie", "X-Request-Id", "Authorization"])
def test_a_big_value_of_our_own_headers(server: RunningServer, header: str) -> None:
    answer = server.call("GET", f"{API}/system/version", headers={header: "x" * 60_000}, key=header != "X-API-Key")
    assert answer.status in (200, 400, 401, 431)
    assert alive(server)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a" * 201, "\u202e" * 100, "<script>alert(1)</script>"])
def test_texts_are_stored_as_they_are_or_refused(server: RunningServer, text: str) -> None:
    clip = Scene(server).clip()
    body = json.dumps({"title": text}).encode()
    answer = server.call("PATCH", f"{API}/clips/{clip}", body)
    assert answer.status in (200, 400), answer.body
    if answer.status == 200:
        assert answer.json()["title"] == text
        assert server.call("GET", f"{API}/clips/{clip}").headers["content-type"] == "application/json"


def test_a_huge_page_is_a_page(server: RunningServer) -> None:
    answer = server.call("GET", f"{API}/events/history?page_size=2147483647")
    assert answer.status == 200
    assert len(answer.json()["events"]) <= 500


@pytest.mark.parametrize(
    "query",
    [
        "page_size=99999999999",
        "page_size=x",
        "page_size=1e3",
        "nonsense=1",
        "favorite=true",
        "states=warp",
        "page_size=1&page_size=x",
    ],
)
def test_queries_that_are_no_request(server: RunningServer, query: str) -> None:
    answer = server.call("GET", f"{API}/clips?{query}")
    assert answer.status == 400
    assert Refusal.of_rest(answer).code == "INVALID_ARGUMENT"


def test_previews_have_a_rate(server: RunningServer) -> None:
    statuses = {server.call("GET", f"{API}/capture/sessions/current/preview").status for _ in range(40)}
    assert statuses <= {200, 429}
    refusal = next(
        (
            Refusal.of_rest(answer)
            for answer in (server.call("GET", f"{API}/capture/sessions/current/preview") for _ in range(40))
            if answer.status == 429
        ),
        None,
    )
    if refusal:
        assert refusal.metadata["limit"]


def test_many_streams_at_once(server: RunningServer) -> None:
    connections = []
    try:
        for _ in range(150):
            connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.rest).netloc, timeout=20)
            connection.request("GET", f"{API}/system/events", headers={"X-API-Key": server.key})
            connections.append(connection)
        statuses = {connection.getresponse().status for connection in connections}
        assert statuses <= {200, 429, 503}
        assert alive(server)
        assert server.call("GET", f"{API}/system/version").status == 200
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 1000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100,
        b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    ],
    ids=["version", "zeros", "http2", "two lengths", "length and chunks", "absolute", "connect", "two hosts"],
)
def test_broken_requests(server: RunningServer, data: bytes) -> None:
    said = raw_request(server, data + b"\r\n", patience=1)
    assert said == b"" or said.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/1.1 505")), said[:200]
    assert alive(server)


def test_garbage_over_grpc(server: RunningServer) -> None:
    for data in (b"\xff" * 64, b"\x0a\xff\xff\xff\xff\x0f", b"\x08" * 3):
        remote = server.channel().unary_unary("/clipshot.clips.v1.ClipService/GetClip")
        with pytest.raises(grpc.RpcError) as caught:
            remote(data, metadata=server.metadata, timeout=10)
        refusal = Refusal.of_grpc(caught.value)
        assert (refusal.code, refusal.domain) == ("INVALID_ARGUMENT", "clipshot")
    assert refused(server, "ClipService.GetClip", {"clip_id": "x"}).code == "NOT_FOUND"
