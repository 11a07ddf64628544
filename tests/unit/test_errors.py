"""Each error of core becomes one status, with one ErrorInfo and the details that fit."""

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    PreconditionFailure,
    QuotaFailure,
    ResourceInfo,
    RetryInfo,
)

from clipshot.api.errors import CODES, error_to_status, problem_from_status, status_of
from clipshot.core import errors
from clipshot.core.problem import Problem

_TABLE: list[tuple[errors.ClipShotError, grpc.StatusCode, list[type[Message]]]] = [
    (
        errors.InvalidArgumentError.of_field("fps", "must be at most 240", reason="FPS_TOO_HIGH"),
        grpc.StatusCode.INVALID_ARGUMENT,
        [BadRequest],
    ),
    (errors.InvalidArgumentError("TOO_STRANGE", "strange"), grpc.StatusCode.INVALID_ARGUMENT, []),
    (errors.UnauthenticatedError("KEY_INVALID", "wrong"), grpc.StatusCode.UNAUTHENTICATED, []),
    (errors.PermissionDeniedError("LINK_OTHER_CALL", "no"), grpc.StatusCode.PERMISSION_DENIED, []),
    (errors.NotFoundError("clip", "clp_1"), grpc.StatusCode.NOT_FOUND, [ResourceInfo]),
    (errors.AlreadyExistsError("THERE", "there"), grpc.StatusCode.ALREADY_EXISTS, []),
    (
        errors.PreconditionError("NO_DISPLAY", "no display", subject="DISPLAY", remedy="start one"),
        grpc.StatusCode.FAILED_PRECONDITION,
        [PreconditionFailure],
    ),
    (errors.ConflictError("ETAG_MISMATCH", "changed"), grpc.StatusCode.ABORTED, []),
    (
        errors.ResourceExhaustedError(
            "TOO_MANY_FAILED_KEYS", "wait", metadata={"limit": "failed_keys", "retry_after_seconds": "30"}
        ),
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        [QuotaFailure, RetryInfo],
    ),
    (errors.CancelledOperationError("OPERATION_CANCELLED", "stopped"), grpc.StatusCode.CANCELLED, []),
    (errors.UnavailableError("SERVER_STOPPING", "stops"), grpc.StatusCode.UNAVAILABLE, []),
    (errors.InternalError("INTERNAL", "a fault"), grpc.StatusCode.INTERNAL, []),
]


@pytest.mark.parametrize(("error", "code", "details"), _TABLE, ids=lambda value: getattr(value, "reason", ""))
def test_status_of_an_error(error: errors.ClipShotError, code: grpc.StatusCode, details: list[type[Message]]) -> None:
    status = error_to_status(error)
    assert status.code == code.value[0]
    assert status.message == error.message
    assert [detail.TypeName() for detail in status.details] == [
        message.DESCRIPTOR.full_name for message in (ErrorInfo, *details)
    ]
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (info.domain, info.reason) == ("clipshot", error.reason)
    assert info.metadata.get("remedy", "") == error.remedy
    assert error.metadata.items() <= dict(info.metadata).items()


def test_every_kind_is_in_the_table_and_has_a_code() -> None:
    assert {error.kind for error, _, _ in _TABLE} == set(errors.ErrorKind) == set(CODES)
    assert {type(error) for error, _, _ in _TABLE} == set(errors.ClipShotError.__subclasses__())


def test_details_name_field_resource_and_subject() -> None:
    bad, resource, failed, quota = BadRequest(), ResourceInfo(), PreconditionFailure(), QuotaFailure()
    by_kind = {type(error): error_to_status(error) for error, _, details in _TABLE if details}
    assert by_kind[errors.InvalidArgumentError].details[1].Unpack(bad)
    assert (bad.field_violations[0].field, bad.field_violations[0].reason) == ("fps", "FPS_TOO_HIGH")
    assert by_kind[errors.NotFoundError].details[1].Unpack(resource)
    assert (resource.resource_type, resource.resource_name) == ("clip", "clp_1")
    assert by_kind[errors.PreconditionError].details[1].Unpack(failed)
    assert (failed.violations[0].type, failed.violations[0].subject) == ("NO_DISPLAY", "DISPLAY")
    assert by_kind[errors.ResourceExhaustedError].details[1].Unpack(quota)
    assert quota.violations[0].subject == "failed_keys"


@pytest.mark.parametrize("error", [row[0] for row in _TABLE], ids=lambda error: error.reason)
def test_problems_come_back(error: errors.ClipShotError) -> None:
    problem = Problem.of(error)
    assert problem_from_status(status_of(problem)) == problem
