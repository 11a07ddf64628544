"""Every RPC that is due exists, is implemented, and answers its example over gRPC and over REST."""

import http.client
import json
import re
import tomllib
import urllib.parse
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api import annotations_pb2, httpbody_pb2
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from clipshot.gen.options.v1 import http_pb2
from tests.contract import rpc_list
from tests.contract.rest_json import from_rest, to_rest
from tests.contract.scene import Scene
from tests.contract.shapes import mismatches
from tests.serving import RunningServer

EXAMPLES = Path(__file__).parent / "examples"
METHODS = rpc_list.methods()
REST_METHODS = {name: m for name, m in METHODS.items() if m.GetOptions().HasExtension(annotations_pb2.http)}


def example(name: str) -> dict[str, Any]:
    """The example of ``<Service>.<Rpc>``."""
    loaded: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return loaded


def body_mismatches(shape: Any, body: bytes) -> list[str]:
    """Mismatches of raw bytes: a JPEG, text for Prometheus, TOML, or JSON of a shape."""
    if shape == "jpeg":
        return [] if body[:3] == b"\xff\xd8\xff" and body[-2:] == b"\xff\xd9" else ["not a JPEG"]
    if shape == "prometheus":
        return (
            [] if re.search(rb'^clipshot_memory_bytes\{role="core"\} [0-9.e+]+$', body, re.MULTILINE) else ["no figure"]
        )
    if shape == "toml":
        return [] if tomllib.loads(body.decode()) else ["nothing is set"]
    return mismatches(shape, json.loads(body))


def test_the_list_is_that_of_the_descriptors() -> None:
    assert rpc_list.FILE.read_text().split() == rpc_list.full_names()


def test_each_has_an_example_and_no_example_is_left_over() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(METHODS)


def call_grpc(server: RunningServer, method: MethodDescriptor, request: Message) -> Any:
    """One call; the answer, or the first that is not a greeting of a stream."""
    answer_type = message_factory.GetMessageClass(method.output_type)
    path = f"/{method.containing_service.full_name}/{method.name}"
    channel = server.channel()
    if method.server_streaming:
        stream = channel.unary_stream(
            path, request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer_type.FromString
        )(request, metadata=server.metadata, timeout=20)
        for answer in stream:
            if {field.name for field, _ in answer.ListFields()} - {"position"}:  # greetings may tell their position
                stream.cancel()
                return answer
        raise AssertionError("the stream ended without an answer")
    return channel.unary_unary(
        path, request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer_type.FromString
    )(request, metadata=server.metadata, timeout=20)


@pytest.mark.parametrize("name", METHODS)
def test_over_grpc(server: RunningServer, name: str) -> None:
    method, given, scene = METHODS[name], example(name), Scene(server)
    scene.session()
    request = from_rest(scene.fill(given["request"]), message_factory.GetMessageClass(method.input_type)())
    try:
        answer = call_grpc(server, method, request)
    finally:
        if "after" in given:
            getattr(scene, given["after"])()
    if isinstance(answer, httpbody_pb2.HttpBody):
        assert body_mismatches(given["response"], answer.data) == []
        return
    shown = to_rest(answer)
    if "stream" in given:
        shown = shown["events"][0] if given["stream"] == "event" else shown[given["stream"]]
    assert mismatches(given["response"], shown) == []


def rest_call(method: MethodDescriptor, request: dict[str, Any]) -> tuple[str, str, Any]:
    """HTTP method, path with query, and body, by the method's own annotation."""
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    rest = dict(request)
    path = re.sub(r"\{(\w+)\}", lambda m: urllib.parse.quote(str(rest.pop(m[1])), safe=""), getattr(rule, verb))
    if rule.body == "*":
        return verb.upper(), path, rest
    body = rest.pop(rule.body, None) if rule.body else None
    rest.pop("update_mask", None)  # the gateway makes it out of the body
    query = urllib.parse.urlencode(rest, doseq=True)
    return verb.upper(), f"{path}?{query}" if query else path, body


def first_sse_data(server: RunningServer, path: str) -> Any:
    """The first ``data:`` of an event stream, as JSON."""
    address = urllib.parse.urlsplit(server.rest)
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    connection.request("GET", path, headers={"X-API-Key": server.key})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    try:
        for line in answer:
            if line.startswith(b"data:"):
                return json.loads(line[5:])
    finally:
        connection.close()
    raise AssertionError("the stream ended without data")


@pytest.mark.parametrize("name", REST_METHODS)
def test_over_rest(server: RunningServer, name: str) -> None:
    method, given, scene = METHODS[name], example(name), Scene(server)
    scene.session()
    facts = method.GetOptions().Extensions[http_pb2.http_facts]
    verb, path, body = rest_call(method, scene.fill(given["request"]))
    if facts.sse:
        data = first_sse_data(server, path)
        # Of an event, data is the payload alone; its type is in the frame's `event:` line.
        assert isinstance(data, dict) if given["stream"] == "event" else mismatches(given["response"], data) == []
        return
    try:
        answer = server.call(verb, path, body)
    finally:
        if "after" in given:
            getattr(scene, given["after"])()
    assert answer.status == (facts.success_code or 200), answer.body
    if name == "CaptureService.StartSession":
        assert answer.headers["location"] == f"/api/v1/capture/sessions/{answer.json()['session_id']}"
    if name == "CaptureService.StopSession":
        operation = scene.get(f"/operations/{answer.headers['x-operation-id']}")
        assert operation["kind"] == "finish_recording"
    if answer.status == 204:
        assert answer.body == b""
    elif list(facts.produces):
        assert answer.headers["content-type"].split(";")[0] in list(facts.produces)
        assert body_mismatches(given["response"], answer.body) == []
    else:
        assert mismatches(given["response"], answer.json()) == []


def test_an_unknown_method_is_refused(server: RunningServer) -> None:
    call = server.channel().unary_unary("/clipshot.clips.v1.ClipService/NoSuchMethod")
    with pytest.raises(grpc.RpcError) as refused:
        call(b"", metadata=server.metadata, timeout=10)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
