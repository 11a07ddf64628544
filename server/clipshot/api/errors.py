"""Core's errors as google.rpc.Status: the one place where reasons become codes.

Every status has exactly one ErrorInfo (domain ``clipshot``); details of other types come where they fit.
"""

from collections.abc import Iterable
from datetime import timedelta

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    PreconditionFailure,
    QuotaFailure,
    ResourceInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status

from clipshot.core.errors import (
    ClipShotError,
    ErrorKind,
    InvalidArgumentError,
    NotFoundError,
    PreconditionError,
    ResourceExhaustedError,
)
from clipshot.core.problem import Problem

DOMAIN = "clipshot"

CODES = {
    ErrorKind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorKind.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    ErrorKind.DENIED: grpc.StatusCode.PERMISSION_DENIED,
    ErrorKind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorKind.ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    ErrorKind.PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
    ErrorKind.CONFLICT: grpc.StatusCode.ABORTED,
    ErrorKind.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorKind.CANCELLED: grpc.StatusCode.CANCELLED,
    ErrorKind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    ErrorKind.INTERNAL: grpc.StatusCode.INTERNAL,
}
"""The gRPC code of each kind of error."""

_KINDS = {code.value[0]: kind for kind, code in CODES.items()}


def error_to_status(error: ClipShotError) -> Status:
    """The status that tells an error."""
    status = status_of(Problem.of(error))
    for detail in _details(error):
        status.details.add().Pack(detail)
    return status


def status_of(problem: Problem) -> Status:
    """The status that tells why something failed."""
    status = Status(code=CODES[problem.kind].value[0], message=problem.message)
    status.details.add().Pack(ErrorInfo(reason=problem.reason, domain=DOMAIN, metadata=problem.metadata))
    return status


def problem_from_status(status: Status) -> Problem:
    """The problem that a status tells."""
    info = ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info):
            break
    kind = _KINDS.get(status.code, ErrorKind.INTERNAL)
    return Problem(kind, info.reason, status.message, dict(info.metadata))


def _details(error: ClipShotError) -> Iterable[Message]:
    if isinstance(error, InvalidArgumentError) and error.violations:
        yield BadRequest(
            field_violations=[
                BadRequest.FieldViolation(field=found.field, description=found.description, reason=found.reason)
                for found in error.violations
            ]
        )
    if isinstance(error, NotFoundError):
        yield ResourceInfo(
            resource_type=error.resource_type, resource_name=error.resource_id, description=error.message
        )
    if isinstance(error, PreconditionError):
        yield PreconditionFailure(
            violations=[
                PreconditionFailure.Violation(type=error.reason, subject=error.subject, description=error.message)
            ]
        )
    if isinstance(error, ResourceExhaustedError):
        yield QuotaFailure(
            violations=[QuotaFailure.Violation(subject=error.metadata.get("limit", ""), description=error.message)]
        )
    if "retry_after_seconds" in error.metadata:
        retry = RetryInfo()
        retry.retry_delay.FromTimedelta(timedelta(seconds=float(error.metadata["retry_after_seconds"])))
        yield retry
