"""SystemService."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.api.httpbody_pb2 import HttpBody
from grpc import aio

from clipshot.api.converter import to_proto
from clipshot.api.prometheus_text import PrometheusText
from clipshot.core.system.document import OpenApiDocument
from clipshot.core.system.health import HealthService, Status
from clipshot.core.system.metrics import MetricsSource
from clipshot.core.system.version import VersionInfo
from clipshot.gen.system.v1 import health_pb2, metrics_pb2, system_service_pb2, system_service_pb2_grpc

_Context = aio.ServicerContext[Any, Any]

_HTTP_SERVICE_UNAVAILABLE = "503"


class SystemServicer(system_service_pb2_grpc.SystemServiceServicer):
    """Facts about the running server over gRPC. ``version`` tells what the server is and can do now."""

    service_name = system_service_pb2.DESCRIPTOR.services_by_name["SystemService"].full_name

    def __init__(
        self,
        health: HealthService,
        metrics: MetricsSource,
        version: Callable[[], Awaitable[VersionInfo]],
        openapi: OpenApiDocument,
        prometheus: PrometheusText,
    ) -> None:
        self._health = health
        self._metrics = metrics
        self._version = version
        self._openapi = openapi
        self._prometheus = prometheus

    def register(self, server: aio.Server) -> None:
        """Add the methods to a server."""
        system_service_pb2_grpc.add_SystemServiceServicer_to_server(self, server)

    async def GetHealth(self, request: health_pb2.GetHealthRequest, context: _Context) -> health_pb2.HealthResponse:
        """Health of the server and its parts; over HTTP with status 503 when it is unhealthy."""
        health = await self._health.report(request.components)
        if health.status is Status.UNHEALTHY:
            await context.send_initial_metadata((("x-http-code", _HTTP_SERVICE_UNAVAILABLE),))
        return to_proto(health, health_pb2.HealthResponse)

    async def GetMetrics(
        self, request: system_service_pb2.GetMetricsRequest, context: _Context
    ) -> metrics_pb2.MetricsResponse:
        """Resource use of the server's processes."""
        return to_proto(await self._metrics.sample(), metrics_pb2.MetricsResponse)

    async def GetPrometheusMetrics(
        self, request: system_service_pb2.GetPrometheusMetricsRequest, context: _Context
    ) -> HttpBody:
        """The same and counters of calls, as text for Prometheus."""
        return HttpBody(content_type="text/plain", data=self._prometheus.render(await self._metrics.sample()))

    async def GetVersion(
        self, request: system_service_pb2.GetVersionRequest, context: _Context
    ) -> system_service_pb2.VersionInfo:
        """Version of the server and what it can do here."""
        return to_proto(await self._version(), system_service_pb2.VersionInfo)

    async def GetOpenApi(self, request: system_service_pb2.GetOpenApiRequest, context: _Context) -> HttpBody:
        """The OpenAPI document."""
        return HttpBody(content_type="application/json", data=await self._openapi.load())
