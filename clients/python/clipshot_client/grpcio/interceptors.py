"""What every call over grpc.aio gets: the key, a deadline, and errors of ours."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc import aio

from clipshot_client.errors import ClipShotError, Violation, error_of

UNARY_SECONDS = 60.0
"""Deadline of a call that sets none."""

_DETAILS = "grpc-status-details-bin"


class UnaryCalls(aio.UnaryUnaryClientInterceptor):
    """Completes calls with one answer."""

    def __init__(self, key: str) -> None:
        self._key = key

    async def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: aio.ClientCallDetails, request: Any
    ) -> Any:
        """See grpc.aio.UnaryUnaryClientInterceptor."""
        call = await continuation(_completed(client_call_details, self._key, UNARY_SECONDS), request)
        try:
            return await call
        except aio.AioRpcError as error:
            raise error_of_call(error) from error


class StreamCalls(aio.UnaryStreamClientInterceptor):
    """Completes calls with a stream of answers."""

    def __init__(self, key: str) -> None:
        self._key = key

    async def intercept_unary_stream(
        self, continuation: Callable[[Any, Any], Any], client_call_details: aio.ClientCallDetails, request: Any
    ) -> Any:
        """See grpc.aio.UnaryStreamClientInterceptor."""
        return _answers(await continuation(_completed(client_call_details, self._key, None), request))


async def _answers(call: Any) -> AsyncIterator[Any]:
    try:
        async for answer in call:
            yield answer
    except aio.AioRpcError as error:
        raise error_of_call(error) from error
    finally:
        call.cancel()


def _completed(details: aio.ClientCallDetails, key: str, seconds: float | None) -> aio.ClientCallDetails:
    metadata = aio.Metadata(*(details.metadata or ()))
    if key:
        metadata.add("x-api-key", key)
    return aio.ClientCallDetails(
        method=details.method,
        timeout=details.timeout if details.timeout is not None else seconds,
        metadata=metadata,
        credentials=details.credentials,
        wait_for_ready=details.wait_for_ready,
    )


def error_of_call(error: aio.AioRpcError) -> ClipShotError:
    """Our error for one of grpc.aio."""
    for name, value in error.trailing_metadata() or ():
        if name == _DETAILS and isinstance(value, bytes):
            return error_of_status(Status.FromString(value))
    return error_of(error.code().value[0], error.details() or "")


def error_of_status(status: Status) -> ClipShotError:
    """The error that a google.rpc.Status means, of a call or of an operation."""
    info, request = ErrorInfo(), BadRequest()
    for detail in status.details:
        if not detail.Unpack(info):
            detail.Unpack(request)
    violations = [Violation(each.field, each.description) for each in request.field_violations]
    return error_of(status.code, status.message, info.reason, dict(info.metadata), violations)
