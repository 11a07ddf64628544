"""HTTP: the listening socket and the gateway that serves it."""

from pathlib import Path

from clipshot.gateway.binary import find_gateway
from clipshot.gateway.http_socket import HttpSocket
from clipshot.gateway.supervisor import GatewaySupervisor, OnChange
from clipshot.settings import Settings


class Web:
    """REST, documentation and the page; without the gateway's binary there is none of them."""

    def __init__(self, settings: Settings, listener: HttpSocket, core: Path, on_change: OnChange) -> None:
        self._listener = listener
        self.address = ""
        """Where it is served, ``http://host:port``; empty before the start, and where there is no gateway."""
        binary = find_gateway()
        self.gateway: GatewaySupervisor | None = None
        if binary is not None:
            self.gateway = GatewaySupervisor(
                binary,
                listener,
                f"unix:{core}",
                cors_origins=settings.cors_origins,
                hosts=settings.allowed_hosts,
                on_change=on_change,
            )

    @property
    def pid(self) -> int | None:
        """Process id of the running gateway."""
        return self.gateway.pid if self.gateway else None

    async def start(self) -> tuple[str, ...]:
        """Serve; what the user should know where it does not work."""
        if self.gateway is None:
            return ("the gateway's binary is not installed, so only gRPC is served; build it with: make build",)
        ready = await self.gateway.start()
        self.address = f"http://{self._listener.address}"
        return () if ready else ("the gateway does not answer yet; it is tried again",)

    async def stop(self) -> None:
        """End the gateway."""
        if self.gateway is not None:
            await self.gateway.stop()
