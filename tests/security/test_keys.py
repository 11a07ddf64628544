"""A key is needed everywhere, except where it is written that it is not."""

import re
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.contract.rpc_list import FILE
from tests.contract.test_rpcs import example
from tests.rpcs import METHODS, Refusal, call, message, refused
from tests.serving import ROOT, RunningServer

ALL_RPCS = [line.rpartition(".")[2].replace("/", ".") for line in FILE.read_text().split()]
OPEN_RPCS = {"AccessService.ExchangeLoginCode"}
OPEN_PATHS = ["/", "/healthz", "/docs", "/redoc", "/openapi.json"]
ASSETS = ROOT / "server" / "gateway" / "assets"

#: One key for all, so that the limit on different wrong keys is not met.
WRONG = "wrong-key"
NO_KEYS: dict[str, list[tuple[str, str]]] = {
    "none": [],
    "empty": [("x-api-key", "")],
    "wrong": [("x-api-key", WRONG)],
    "wrong bearer": [("authorization", f"Bearer {WRONG}")],
    # Only the gateway vouches for these, over its own socket.
    "cookie over TCP": [("x-clipshot-cookie", "4102444800.n.s")],
    "signature over TCP": [
        ("x-clipshot-signed", "/api/v1/clips/x/media?expires=1&sig=0"),
        ("x-clipshot-method", "GET"),
    ],
}


def request_of(name: str) -> dict[str, Any]:
    """The contract's own example: with a key, this request would be answered."""
    given: dict[str, Any] = example(name)["request"]
    return {
        field: "x" if isinstance(value, str) and value.startswith("${") else value for field, value in given.items()
    }


def check(refusal: Refusal) -> None:
    if refusal.code == "RESOURCE_EXHAUSTED":
        assert refusal.reason == "TOO_MANY_FAILED_KEYS"
    else:
        assert refusal.code == "UNAUTHENTICATED"
        assert refusal.reason in ("KEY_MISSING", "KEY_INVALID")
    assert refusal.domain == "clipshot"
    assert WRONG not in str(refusal)


@pytest.mark.parametrize("shown", NO_KEYS)
@pytest.mark.parametrize("name", [name for name in ALL_RPCS if name not in OPEN_RPCS])
def test_every_rpc_over_grpc(guarded: RunningServer, name: str, shown: str) -> None:
    check(refused(guarded, name, message(METHODS[name], request_of(name)), metadata=NO_KEYS[shown]))


def test_the_open_rpc_wants_a_code(guarded: RunningServer) -> None:
    (name,) = OPEN_RPCS
    refusal = refused(guarded, name, {"code": "guessed"}, metadata=[])
    assert (refusal.code, refusal.reason) == ("UNAUTHENTICATED", "LOGIN_CODE_INVALID")


def rest_routes(guarded: RunningServer) -> list[tuple[str, str]]:
    paths = guarded.call("GET", "/openapi.json", key=False).json()["paths"]
    verbs = ("get", "put", "post", "patch", "delete")
    return [(verb.upper(), path) for path, item in paths.items() for verb in item if verb in verbs]


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-API-Key": WRONG}, {"Authorization": f"Bearer {WRONG}"}, {"Authorization": "Basic eDp5"}],
    ids=["none", "wrong", "bearer", "basic"],
)
def test_every_rest_route(guarded: RunningServer, headers: dict[str, str]) -> None:
    routes = rest_routes(guarded)
    assert len(routes) > 30
    assert ("GET", "/api/v1/clips/{clip_id}/media") in routes
    for verb, path in routes:
        if path == "/healthz":
            continue
        body = {} if verb in ("POST", "PATCH", "PUT") else None
        address = re.sub(r"\{\w+\}", "1", path)  # some are numbers
        answer = guarded.call(verb, address, body, headers, key=False)
        assert answer.status in (401, 429), (verb, path, answer.status, answer.body)
        check(Refusal.of_rest(answer))
        if answer.status == 401:
            assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("name", ["X-API-Key", "Authorization"])
def test_the_right_key_opens(guarded: RunningServer, name: str) -> None:
    value = guarded.key if name == "X-API-Key" else f"Bearer {guarded.key}"
    assert guarded.call("GET", "/api/v1/system/version", headers={name: value}, key=False).status == 200
    assert call(guarded, "SystemService.GetVersion", metadata=[(name.lower(), value)]).version


@pytest.mark.parametrize(
    "name",
    [
        "Grpc-Metadata-X-Api-Key",
        "Grpc-Metadata-X-Clipshot-Cookie",
        "Grpc-Metadata-X-Clipshot-Signed",
        "X-Clipshot-Signed",
    ],
)
def test_a_caller_cannot_speak_for_the_gateway(guarded: RunningServer, name: str) -> None:
    answer = guarded.call("GET", "/api/v1/system/version", headers={name: guarded.key}, key=False)
    assert answer.status == 401
    assert Refusal.of_rest(answer).reason == "KEY_MISSING"


@pytest.mark.parametrize("query", ["api_key", "key", "x-api-key", "access_token", "X-API-Key"])
def test_no_key_in_a_url(guarded: RunningServer, query: str) -> None:
    answer = guarded.call("GET", f"/api/v1/system/version?{query}={guarded.key}", key=False)
    assert answer.status in (400, 401)


@pytest.mark.parametrize("path", OPEN_PATHS)
def test_open_paths(guarded: RunningServer, path: str) -> None:
    assert guarded.call("GET", path, key=False).status == 200


def test_static_files_are_open_and_nothing_else_is(guarded: RunningServer) -> None:
    page = [f"/{path.relative_to(ASSETS / 'page')}" for path in files_below(ASSETS / "page")]
    docs = [f"/docs/{path.relative_to(ASSETS / 'docs')}" for path in files_below(ASSETS / "docs")]
    assert docs
    for path in page + docs:
        answer = guarded.call("GET", path, key=False)
        assert answer.status == 200, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'self'" in answer.headers["content-security-policy"], path
    for path in [
        "/metrics",
        "/debug/pprof/",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/docs/",
        "/.env",
        "/run.json",
        "/page/index.html",
    ]:
        answer = guarded.call("GET", path, key=False)
        assert answer.status in (401, 404) or (path == "/docs/" and answer.status == 200), (path, answer.status)


def files_below(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def test_login_without_a_code_is_refused(guarded: RunningServer) -> None:
    answer = guarded.call("GET", "/login", key=False)
    assert answer.status == 401
    assert "set-cookie" not in answer.headers


def test_health_is_open_and_reflection_is_not(guarded: RunningServer) -> None:
    channel = guarded.channel()
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    with pytest.raises(grpc.RpcError) as caught:
        list(reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(asked, timeout=10))
    assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_guessing_is_slowed_down_and_the_owner_is_told_why(guarded: RunningServer) -> None:
    statuses = [
        guarded.call("GET", "/api/v1/system/version", headers={"X-API-Key": f"guess-{n}"}, key=False).status
        for n in range(40)
    ]
    assert statuses[-1] == 429
    answer = guarded.call("GET", "/api/v1/system/version", headers={"X-API-Key": "guess-again"}, key=False)
    assert answer.status == 429
    assert Refusal.of_rest(answer).reason == "TOO_MANY_FAILED_KEYS"
    assert int(answer.headers["retry-after"]) > 0
    assert guarded.call("GET", "/healthz", key=False).status == 200
