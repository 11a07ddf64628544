"""Counts and durations of calls, for Prometheus."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

from clipshot.api.errors import CODES
from clipshot.api.interceptors.call import Call, CallInterceptor
from clipshot.api.interceptors.logging import grpc_name, status_code
from clipshot.core.errors import ClipShotError


class MetricsInterceptor(CallInterceptor):
    """Counts calls by method and code, and measures how long they take."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter("clipshot_rpc_total", "Calls answered.", ("method", "code"), registry=registry)
        self._seconds = Histogram(
            "clipshot_rpc_seconds", "Time from request to answer.", ("method",), registry=registry
        )

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Count the call."""
        began = time.monotonic()
        code = "INTERNAL"
        try:
            yield
            code = grpc_name(status_code(call))
        except ClipShotError as error:
            code = CODES[error.kind].name
            raise
        finally:
            self._calls.labels(call.method, code).inc()
            self._seconds.labels(call.method).observe(time.monotonic() - began)
