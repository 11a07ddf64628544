"""Exceptions of servicers become statuses here, so that servicers just raise."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from grpc import aio

from clipshot.api.errors import CODES, error_to_status
from clipshot.api.interceptors.call import Call, CallInterceptor
from clipshot.core.errors import ClipShotError, InternalError

_log = structlog.get_logger(__name__)

_DETAILS = "grpc-status-details-bin"


class ErrorInterceptor(CallInterceptor):
    """Answers a google.rpc.Status with details for every error; the log alone has the text of unexpected ones."""

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Translate what is raised."""
        try:
            yield
        except ClipShotError as error:
            await abort(call.context, error)
        except (aio.AbortError, aio.BaseError):
            raise
        except Exception:
            _log.exception("call_failed", method=call.method)
            await abort(call.context, InternalError("INTERNAL", "a fault of the server; its log has the details"))


async def abort(context: aio.ServicerContext[Any, Any], error: ClipShotError) -> None:
    """End a call with an error and its details."""
    details = error_to_status(error).SerializeToString()
    await context.abort(CODES[error.kind], error.message, ((_DETAILS, details),))
