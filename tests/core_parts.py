"""The core's foundation on a real database file, with its services, and on request behind a real gRPC server."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
from grpc import aio
from prometheus_client import CollectorRegistry

from clipshot.api.interceptors.auth import AuthInterceptor
from clipshot.api.interceptors.errors import ErrorInterceptor
from clipshot.api.interceptors.logging import LoggingInterceptor
from clipshot.api.interceptors.metrics import MetricsInterceptor
from clipshot.api.interceptors.parsing import ParsingInterceptor
from clipshot.api.interceptors.validation import ValidationInterceptor
from clipshot.api.prometheus_text import PrometheusText
from clipshot.api.server import ApiServer
from clipshot.api.servicers.access import AccessServicer
from clipshot.api.servicers.events import EventServicer
from clipshot.api.servicers.operations import OperationsServicer
from clipshot.api.servicers.system import SystemServicer
from clipshot.core.access.api_key import ApiKey
from clipshot.core.access.failed_keys import FailedKeys
from clipshot.core.access.link_signer import LinkSigner
from clipshot.core.access.login_codes import LoginCodes
from clipshot.core.access.login_cookie import LoginCookie
from clipshot.core.access.service import AccessService
from clipshot.core.clock import Clock, utc_now
from clipshot.core.events.bus import EventBus
from clipshot.core.events.service import EventService
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.operations.service import OperationService
from clipshot.core.page_tokens import PageTokens
from clipshot.core.system.health import HealthProbe, HealthService
from clipshot.core.system.version import VersionInfo
from clipshot.store.health import DatabaseProbe
from clipshot.store.store import SqliteStore
from clipshot.system.openapi_file import OpenApiFile
from clipshot.system.process_metrics import ProcessMetricsSource

KEY = "the-key"
SECRET = b"s" * 32
WEB_ADDRESS = "http://127.0.0.1:8000"


class Foundation:
    """Store, bus and services over one database file; an async context."""

    def __init__(self, path: Path, clock: Clock = utc_now) -> None:
        self.path = path
        self.bus = EventBus(clock)
        self.store = SqliteStore(path, clock, self.bus.publish)
        self.keeper = IdempotencyKeeper(self.store, clock)
        self.tokens = PageTokens(SECRET)
        self.events = EventService(self.store, self.bus, self.keeper, self.tokens, clock)
        self.operations = OperationService(self.store, self.bus, self.keeper, self.tokens, clock)

    async def __aenter__(self) -> Self:
        await self.store.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.operations.stop(0)
        self.bus.close()
        await self.store.stop()


@dataclass
class ServedCore:
    """A foundation behind a gRPC server, and channels to it."""

    foundation: Foundation
    server: ApiServer
    tcp: aio.Channel
    unix: aio.Channel
    registry: CollectorRegistry

    @property
    def metadata(self) -> aio.Metadata:
        """What a call needs."""
        return aio.Metadata(("x-api-key", KEY))


@asynccontextmanager
async def served(
    foundation: Foundation, folder: Path, *, probes: Sequence[HealthProbe] = (), clock: Clock = utc_now
) -> AsyncIterator[ServedCore]:
    """Serve a started foundation on a free TCP port and a unix socket."""
    access = AccessService(
        key=ApiKey(KEY),
        failed_keys=FailedKeys(clock),
        links=LinkSigner(SECRET, clock),
        codes=LoginCodes(clock),
        cookies=LoginCookie(SECRET, clock),
    )
    registry = CollectorRegistry()
    server = ApiServer(
        [
            SystemServicer(
                HealthService([DatabaseProbe(foundation.store), *probes], "1.2.3", clock),
                ProcessMetricsSource({"data": folder}, lambda: None),
                _version,
                OpenApiFile(folder / "openapi.json"),
                PrometheusText(registry),
            ),
            AccessServicer(access, lambda: WEB_ADDRESS),
            EventServicer(foundation.events),
            OperationsServicer(foundation.operations),
        ],
        [
            ParsingInterceptor(),
            LoggingInterceptor(),
            ErrorInterceptor(),
            AuthInterceptor(access),
            ValidationInterceptor(),
            MetricsInterceptor(registry),
        ],
        host="127.0.0.1",
        port=0,
        socket=folder / "core.sock",
    )
    await server.start()
    tcp = aio.insecure_channel(f"127.0.0.1:{server.port}")
    unix = aio.insecure_channel(f"unix:{folder / 'core.sock'}")
    try:
        yield ServedCore(foundation, server, tcp, unix, registry)
    finally:
        await tcp.close()
        await unix.close()
        foundation.bus.close()
        await server.stop(0.5)


def request_key(body: str = "body", request_id: str = "") -> RequestKey:
    """A key of a call with a body."""
    return RequestKey(request_id or str(uuid.uuid4()), "Method", body)


def code_of(error: aio.AioRpcError) -> grpc.StatusCode:
    """The code, typed."""
    return error.code()


async def _version() -> VersionInfo:
    return VersionInfo("1.2.3", "", ("v1",), ("gateway",))
