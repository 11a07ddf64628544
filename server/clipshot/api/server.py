"""The gRPC server: TCP for clients, a unix socket for the gateway."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import SERVICE_NAME as HEALTH_SERVICE
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection

from clipshot.core.errors import PreconditionError

CHANNELZ_SERVICE = "grpc.channelz.v1.Channelz"

MAX_REQUEST_BYTES = 4 * 1024 * 1024
"""Largest request; a clip's bytes never come this way."""


class Servicer(Protocol):
    """A service of ours."""

    @property
    def service_name(self) -> str:
        """Full name, e.g. ``clipshot.clips.v1.ClipService``."""

    def register(self, server: aio.Server) -> None:
        """Add the service's methods to a server."""


class ApiServer:
    """Serves services over TCP and, where one is named, a unix socket; with health checks and reflection.

    ``channelz`` also serves the state of all connections, which costs a little on each call.
    """

    def __init__(
        self,
        servicers: Sequence[Servicer],
        interceptors: Sequence[aio.ServerInterceptor],
        *,
        host: str,
        port: int,
        socket: Path | None = None,
        channelz: bool = False,
    ) -> None:
        self._servicers = servicers
        self._interceptors = interceptors
        self._host = host
        self._asked_port = port
        self._socket = socket
        self._channelz = channelz
        self._server: aio.Server | None = None
        self._health = health.HealthServicer()
        self.port = port
        """The port that is served; the one that was free where 0 was asked."""

    async def start(self) -> None:
        """Bind and serve.

        Raises:
            PreconditionError: ADDRESS_IN_USE.
        """
        server = aio.server(
            interceptors=list(self._interceptors),
            options=[
                # Two servers on one port would each get some of the calls; the second is to be refused instead.
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
                ("grpc.max_send_message_length", -1),
                ("grpc.enable_channelz", int(self._channelz)),
            ],
        )
        for servicer in self._servicers:
            servicer.register(server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        names = [servicer.service_name for servicer in self._servicers]
        reflected = [*names, HEALTH_SERVICE, reflection.SERVICE_NAME]
        if self._channelz:
            from grpc_channelz.v1.channelz import add_channelz_servicer  # only for those who look for faults

            add_channelz_servicer(server)
            reflected.append(CHANNELZ_SERVICE)
        reflection.enable_server_reflection(reflected, server)
        self.port = self._bind(server)
        await server.start()
        self._server = server
        for name in names:
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace: float) -> None:
        """Take no more calls, give those that run ``grace`` seconds, then end them."""
        if self._server is None:
            return
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace)

    def _bind(self, server: aio.Server) -> int:
        host = f"[{self._host}]" if ":" in self._host else self._host
        address = f"{host}:{self._asked_port}"
        try:
            port = server.add_insecure_port(address)
            if self._socket:
                address = f"unix:{self._socket}"
                server.add_insecure_port(address)
        except RuntimeError as error:
            raise PreconditionError(
                "ADDRESS_IN_USE",
                f"cannot listen on {address}: {error}",
                subject=address,
                remedy="end the other program, or set GRPC_PORT (0 takes a free port)",
            ) from error
        return port
