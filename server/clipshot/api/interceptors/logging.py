"""One line in the log for every call."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import structlog

from clipshot.api.interceptors.call import Call, CallInterceptor
from clipshot.core.ids import new_id

_log = structlog.get_logger(__name__)

_FAULTS = (grpc.StatusCode.INTERNAL.value[0], grpc.StatusCode.UNKNOWN.value[0])


class LoggingInterceptor(CallInterceptor):
    """Logs method, code and milliseconds, and binds an id of the call to everything that is logged meanwhile."""

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Log the call once it has ended."""
        began = time.monotonic()
        call_id = call.metadata.get("x-request-id", "")[:64] or new_id("call")
        with structlog.contextvars.bound_contextvars(call_id=call_id):
            try:
                yield
            finally:
                code = status_code(call)
                log = _log.error if code in _FAULTS else _log.debug if code == 0 else _log.info
                log(
                    "call",
                    method=call.method,
                    code=grpc_name(code),
                    milliseconds=round((time.monotonic() - began) * 1000, 1),
                )


def status_code(call: Call) -> int:
    """Number of the call's status so far; 0 is OK."""
    if call.context.cancelled():
        return int(grpc.StatusCode.CANCELLED.value[0])
    code = call.context.code()
    return int(code.value[0] if isinstance(code, grpc.StatusCode) else code or 0)


def grpc_name(code: int) -> str:
    """Name of a status code, e.g. ``NOT_FOUND``."""
    return _NAMES.get(code, str(code))


_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}
