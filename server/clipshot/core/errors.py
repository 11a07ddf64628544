"""Every error a caller can be told about, as one family.

The API layer maps ``kind`` to a gRPC status code in one place; ``reason`` is what programs test for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class ErrorKind(StrEnum):
    """What went wrong, in the terms of the caller."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    DENIED = "denied"
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    PRECONDITION = "precondition"
    CONFLICT = "conflict"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True)
class FieldViolation:
    """One field of a request that cannot be accepted."""

    field: str
    description: str
    reason: str = ""


class ClipShotError(Exception):
    """Base of all errors told to callers.

    ``reason`` is UPPER_SNAKE and at most 63 characters; ``metadata`` repeats the changing parts of the message for
    programs; ``remedy`` says what to do next.
    """

    kind = ErrorKind.INTERNAL

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        remedy: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.remedy = remedy
        self.metadata: dict[str, str] = dict(metadata or {})


class InvalidArgumentError(ClipShotError):
    """A field holds what can never be accepted."""

    kind = ErrorKind.INVALID

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        violations: Sequence[FieldViolation] = (),
        remedy: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason, message, remedy=remedy, metadata=metadata)
        self.violations = tuple(violations)

    @classmethod
    def of_field(cls, field: str, description: str, *, reason: str) -> "InvalidArgumentError":
        """The error about a single field."""
        return cls(
            reason,
            f"{field}: {description}",
            violations=[FieldViolation(field, description, reason)],
            metadata={"field": field},
        )


class NotFoundError(ClipShotError):
    """No resource has this id."""

    kind = ErrorKind.NOT_FOUND

    def __init__(self, resource_type: str, resource_id: str) -> None:
        super().__init__(
            f"{resource_type.upper()}_NOT_FOUND",
            f"there is no {resource_type} {resource_id!r}",
            metadata={"resource_type": resource_type, "resource_id": resource_id},
        )
        self.resource_type = resource_type
        self.resource_id = resource_id


class UnauthenticatedError(ClipShotError):
    """The caller showed no valid key, cookie or signature."""

    kind = ErrorKind.UNAUTHENTICATED


class PermissionDeniedError(ClipShotError):
    """The caller is known but may not do this."""

    kind = ErrorKind.DENIED


class AlreadyExistsError(ClipShotError):
    """What was to be made is there already."""

    kind = ErrorKind.ALREADY_EXISTS


class PreconditionError(ClipShotError):
    """The system is not in the state that the call needs; ``remedy`` says how to get there."""

    kind = ErrorKind.PRECONDITION

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        subject: str = "",
        remedy: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason, message, remedy=remedy, metadata=metadata)
        self.subject = subject


class ConflictError(ClipShotError):
    """Somebody else changed the resource first, or is changing it."""

    kind = ErrorKind.CONFLICT


class ResourceExhaustedError(ClipShotError):
    """A limit is reached; ``metadata['limit']`` names it."""

    kind = ErrorKind.EXHAUSTED


class CancelledOperationError(ClipShotError):
    """The work was stopped on request."""

    kind = ErrorKind.CANCELLED


class UnavailableError(ClipShotError):
    """The part that is needed does not answer now; trying again later may work."""

    kind = ErrorKind.UNAVAILABLE


class InternalError(ClipShotError):
    """A fault of ours; the log has the details."""

    kind = ErrorKind.INTERNAL
