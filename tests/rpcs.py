"""Calls by ``<Service>.<Rpc>`` with requests as REST writes them, and what a refusal says."""

import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.api import annotations_pb2
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from tests.contract import rpc_list
from tests.contract.rest_json import from_rest
from tests.serving import Answer, RunningServer

METHODS = rpc_list.methods()
API = "/api/v1"

Metadata = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Refusal:
    """An error as programs see it."""

    code: str
    """Name of the gRPC status code."""
    message: str
    reason: str
    domain: str
    metadata: dict[str, str]
    fields: tuple[str, ...]
    """Of BadRequest."""
    resource: tuple[str, str] | None
    """Type and name of ResourceInfo."""

    @classmethod
    def of(cls, status: status_pb2.Status) -> "Refusal":
        """Out of a google.rpc.Status, which must carry exactly one ErrorInfo."""
        infos: list[Any] = unpack(status, error_details_pb2.ErrorInfo)
        assert len(infos) == 1, f"one ErrorInfo is due: {status}"
        resources: list[Any] = unpack(status, error_details_pb2.ResourceInfo)
        violations = [v for bad in unpack(status, error_details_pb2.BadRequest) for v in bad.field_violations]
        return cls(
            grpc_code_name(status.code),
            status.message,
            infos[0].reason,
            infos[0].domain,
            dict(infos[0].metadata),
            tuple(violation.field for violation in violations),
            (resources[0].resource_type, resources[0].resource_name) if resources else None,
        )

    @classmethod
    def of_grpc(cls, error: grpc.RpcError) -> "Refusal":
        """Out of a failed call."""
        status = rpc_status.from_call(error)
        assert status is not None, f"no details: {error.code()} {error.details()}"
        return cls.of(status)

    @classmethod
    def of_rest(cls, answer: Answer) -> "Refusal":
        """Out of an HTTP answer."""
        return cls.of(json_format.Parse(answer.body, status_pb2.Status()))


def unpack(status: status_pb2.Status, kind: type[Message]) -> list[Any]:
    """The details of one type."""
    found = []
    for detail in status.details:
        one = kind()
        if detail.Unpack(one):
            found.append(one)
    return found


def grpc_code_name(number: int) -> str:
    """``NOT_FOUND`` for 5."""
    return next(code.name for code in grpc.StatusCode if code.value[0] == number)


def call(
    server: RunningServer,
    name: str,
    request: dict[str, Any] | Message | None = None,
    *,
    metadata: Metadata | None = None,
    channel: grpc.Channel | None = None,
    timeout: float = 20,
) -> Any:
    """One call over gRPC; of a stream, its first message that is not a greeting.

    ``metadata`` None carries the key; ``channel`` None is TCP.
    """
    method = METHODS[name]
    sent = request if isinstance(request, Message) else message(method, request or {})
    answer_type = message_factory.GetMessageClass(method.output_type)
    way = channel or server.channel()
    shown = server.metadata if metadata is None else metadata
    path = f"/{method.containing_service.full_name}/{method.name}"
    make = way.unary_stream if method.server_streaming else way.unary_unary
    remote = make(
        path, request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer_type.FromString
    )
    answer = remote(sent, metadata=shown, timeout=timeout)
    if not method.server_streaming:
        return answer
    for one in answer:
        if one.ByteSize():
            answer.cancel()
            return one
    raise AssertionError("the stream ended without an answer")


def refused(
    server: RunningServer,
    name: str,
    request: dict[str, Any] | Message | None = None,
    *,
    metadata: Metadata | None = None,
    channel: grpc.Channel | None = None,
) -> Refusal:
    """One call over gRPC that has to fail."""
    try:
        answer = call(server, name, request, metadata=metadata, channel=channel)
    except grpc.RpcError as error:
        return Refusal.of_grpc(error)
    raise AssertionError(f"{name} succeeded: {answer}")


def message(method: MethodDescriptor, request: dict[str, Any]) -> Message:
    """A method's request out of REST's JSON."""
    return from_rest(request, message_factory.GetMessageClass(method.input_type)())


def rest_call(name: str, request: dict[str, Any]) -> tuple[str, str, Any] | None:
    """HTTP method, path with query, and body of a call; None for a method that is not on REST."""
    options = METHODS[name].GetOptions()
    if not options.HasExtension(annotations_pb2.http):
        return None
    rule = options.Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    rest = dict(request)
    path = re.sub(r"\{(\w+)\}", lambda m: urllib.parse.quote(str(rest.pop(m[1])), safe=""), getattr(rule, verb))
    if rule.body == "*":
        return verb.upper(), path, rest
    body = rest.pop(rule.body, None) if rule.body else None
    rest.pop("update_mask", None)  # the gateway makes it out of the body
    query = urllib.parse.urlencode(rest, doseq=True)
    return verb.upper(), f"{path}?{query}" if query else path, body
