"""A studio behind a real gRPC server, with the interceptors of the real one, and a client of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from grpc import aio

from clipshot.api.interceptors.errors import ErrorInterceptor
from clipshot.api.interceptors.logging import LoggingInterceptor
from clipshot.api.interceptors.parsing import ParsingInterceptor
from clipshot.api.interceptors.validation import ValidationInterceptor
from clipshot.api.server import ApiServer
from clipshot.api.servicers.capture import CaptureServicer
from clipshot.gen.capture.v1 import capture_service_pb2_grpc
from tests.integration.studio import Studio, studio_in

Stub: TypeAlias = "capture_service_pb2_grpc.CaptureServiceAsyncStub"  # quoted: in the stubs of types only


@asynccontextmanager
async def serving_capture(studio: Studio) -> AsyncIterator[str]:
    """Serve CaptureService; the address."""
    interceptors = [ParsingInterceptor(), LoggingInterceptor(), ErrorInterceptor(), ValidationInterceptor()]
    server = ApiServer([CaptureServicer(studio.capture)], interceptors, host="127.0.0.1", port=0)
    await server.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        await server.stop(0.5)


@asynccontextmanager
async def stub_at(address: str) -> AsyncIterator[Stub]:
    """A client with a connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with aio.insecure_channel(address, options=options) as channel:
        yield capture_service_pb2_grpc.CaptureServiceStub(channel)


@asynccontextmanager
async def live_studio(root: Path) -> AsyncIterator[tuple[Studio, Stub]]:
    """A studio that is served, and a client."""
    async with studio_in(root) as studio, serving_capture(studio) as address, stub_at(address) as stub:
        yield studio, stub
