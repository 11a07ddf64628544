"""What calls raise: one class for each kind of failure, with the server's own words in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One field of a request that the server refuses."""

    field: str
    description: str


class ClipShotError(Exception):
    """A call or an operation failed.

    Attributes:
        message: What is wrong, for people.
        reason: The server's word for programs, e.g. ``CLIP_NOT_FOUND``; the gRPC code's name where it gave none.
        metadata: Facts that belong to the reason, e.g. ``resource_id``.
        remedy: What to do about it, for people; may be empty.
    """

    def __init__(
        self, message: str, reason: str = "", metadata: Mapping[str, str] | None = None, remedy: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.remedy = remedy or self.metadata.get("remedy", "")

    def __str__(self) -> str:
        told = f"{self.message} [{self.reason}]" if self.reason else self.message
        return f"{told}; {self.remedy}" if self.remedy else told


class InvalidArgumentError(ClipShotError):
    """The request is wrong; ``violations`` names the fields."""

    violations: tuple[Violation, ...] = ()


class UnauthenticatedError(ClipShotError):
    """The key is missing or wrong."""


class PermissionDeniedError(ClipShotError):
    """The caller may not do this."""


class NotFoundError(ClipShotError):
    """What the request names does not exist."""


class AlreadyExistsError(ClipShotError):
    """What the request would make exists already."""


class PreconditionError(ClipShotError):
    """It cannot be done as things stand, e.g. no replay buffer runs."""


class ConflictError(ClipShotError):
    """Somebody else changed it in the meantime: read it again, then repeat."""


class ResourceExhaustedError(ClipShotError):
    """Too much at once, or no room."""


class OperationCancelledError(ClipShotError):
    """The work was stopped on request."""


class DeadlineExceededError(ClipShotError):
    """No answer within the call's time."""


class UnavailableError(ClipShotError):
    """The server does not answer. Events, tracked operations, lists and downloads wait for it to come back."""


class ServerNotFoundError(UnavailableError):
    """No server runs on the data directory."""


class UnimplementedError(ClipShotError):
    """The server is of a version that does not know the call."""


class InternalError(ClipShotError):
    """A fault of the server; its log says more."""


# The numbers of google.rpc.Code.
_CODES: dict[int, tuple[str, type[ClipShotError]]] = {
    1: ("CANCELLED", OperationCancelledError),
    2: ("UNKNOWN", InternalError),
    3: ("INVALID_ARGUMENT", InvalidArgumentError),
    4: ("DEADLINE_EXCEEDED", DeadlineExceededError),
    5: ("NOT_FOUND", NotFoundError),
    6: ("ALREADY_EXISTS", AlreadyExistsError),
    7: ("PERMISSION_DENIED", PermissionDeniedError),
    8: ("RESOURCE_EXHAUSTED", ResourceExhaustedError),
    9: ("FAILED_PRECONDITION", PreconditionError),
    10: ("ABORTED", ConflictError),
    11: ("OUT_OF_RANGE", InvalidArgumentError),
    12: ("UNIMPLEMENTED", UnimplementedError),
    13: ("INTERNAL", InternalError),
    14: ("UNAVAILABLE", UnavailableError),
    15: ("DATA_LOSS", InternalError),
    16: ("UNAUTHENTICATED", UnauthenticatedError),
}


def error_of(
    code: int,
    message: str,
    reason: str = "",
    metadata: Mapping[str, str] | None = None,
    violations: Iterable[Violation] = (),
) -> ClipShotError:
    """The error that a google.rpc.Status means: its code, its message, and what its details say."""
    name, kind = _CODES.get(code, ("UNKNOWN", InternalError))
    error = kind(message or name.lower().replace("_", " "), reason or name, metadata)
    if isinstance(error, InvalidArgumentError):
        error.violations = tuple(violations)
    return error
