"""What every call over grpclib gets: a deadline, and errors of ours."""

from types import TracebackType
from typing import Any

from grpclib.client import Channel, Stream
from grpclib.const import Cardinality, Status
from grpclib.encoding.base import StatusDetailsCodecBase
from grpclib.exceptions import GRPCError, StreamTerminatedError

from clipshot_client.betterproto.gen.google import rpc
from clipshot_client.errors import ClipShotError, DeadlineExceededError, UnavailableError, Violation, error_of

UNARY_SECONDS = 60.0
"""Deadline of a call that sets none."""


class StatusDetails(StatusDetailsCodecBase):
    """Keeps the google.rpc.Status of a failed call."""

    def encode(self, status: Status, message: str | None, details: Any) -> bytes:
        """What a server would send: the other way round of :meth:`decode`."""
        return bytes(details)

    def decode(self, status: Status, message: str | None, data: bytes) -> rpc.Status:
        """The status with its details."""
        return rpc.Status.parse(data)


class ErrorsOfOurs(Stream[Any, Any]):
    """One call, whose failures are ``ClipShotError``."""

    _answers = 0

    async def recv_message(self) -> Any:
        """See grpclib.client.Stream."""
        message = await super().recv_message()
        self._answers += message is not None
        return message

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        except GRPCError as failure:
            raise _error_of_call(failure) from failure
        except (StreamTerminatedError, OSError) as failure:
            raise _unavailable(failure) from failure
        if isinstance(error, GRPCError):
            raise _error_of_call(error) from error
        if isinstance(error, TimeoutError):
            raise DeadlineExceededError("no answer within the call's time", reason="DEADLINE_EXCEEDED") from error
        if isinstance(error, (StreamTerminatedError, OSError)):
            raise _unavailable(error) from error
        if error is None and not self._cardinality.server_streaming and not self._answers:
            raise UnavailableError("the connection ended before the answer", reason="UNAVAILABLE")


class CallChannel(Channel):
    """A channel whose calls fail with ``ClipShotError``, and the unary ones after a while at the latest."""

    def request(
        self,
        name: str,
        cardinality: Cardinality,
        request_type: type[Any],
        reply_type: type[Any],
        *,
        timeout: float | None = None,
        **more: Any,
    ) -> Stream[Any, Any]:
        """See grpclib.client.Channel."""
        if timeout is None and more.get("deadline") is None and cardinality is Cardinality.UNARY_UNARY:
            timeout = UNARY_SECONDS
        stream = super().request(name, cardinality, request_type, reply_type, timeout=timeout, **more)
        stream.__class__ = ErrorsOfOurs  # grpclib makes streams itself and has no other hook for errors
        return stream


def _unavailable(error: Exception) -> UnavailableError:
    return UnavailableError(f"the server does not answer: {error}", reason="UNAVAILABLE")


def _error_of_call(error: GRPCError) -> ClipShotError:
    if isinstance(error.details, rpc.Status):
        return error_of_status(error.details)
    return error_of(error.status.value, error.message or "")


def error_of_status(status: rpc.Status) -> ClipShotError:
    """The error that a google.rpc.Status means, of a call or of an operation."""
    info, request = rpc.ErrorInfo(), rpc.BadRequest()
    for detail in status.details:
        if detail.type_url.endswith("/google.rpc.ErrorInfo"):
            info = rpc.ErrorInfo.parse(detail.value)
        elif detail.type_url.endswith("/google.rpc.BadRequest"):
            request = rpc.BadRequest.parse(detail.value)
    violations = [Violation(each.field, each.description) for each in request.field_violations]
    return error_of(status.code, status.message, info.reason, info.metadata, violations)
