"""Typed clients for the ClipShot recorder.

Two flavours of one client: ``clipshot_client.betterproto`` speaks dataclasses over grpclib,
``clipshot_client.grpcio`` speaks protobuf messages over grpc.aio. What both share is here.
"""

from clipshot_client.download import DownloadProgress
from clipshot_client.errors import (
    AlreadyExistsError,
    ClipShotError,
    ConflictError,
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    OperationCancelledError,
    PermissionDeniedError,
    PreconditionError,
    ResourceExhaustedError,
    ServerNotFoundError,
    UnauthenticatedError,
    UnavailableError,
    UnimplementedError,
    Violation,
)
from clipshot_client.events import Gap
from clipshot_client.steps import Steps

__all__ = [
    "AlreadyExistsError",
    "ClipShotError",
    "ConflictError",
    "DeadlineExceededError",
    "DownloadProgress",
    "Gap",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "OperationCancelledError",
    "PermissionDeniedError",
    "PreconditionError",
    "ResourceExhaustedError",
    "ServerNotFoundError",
    "Steps",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "Violation",
]
