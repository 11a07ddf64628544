"""Health of the gateway."""

from clipshot.core.system.health import Component, Status
from clipshot.gateway.supervisor import GatewaySupervisor


class GatewayProbe:
    """Sees whether REST is served. Implements :class:`clipshot.core.system.health.HealthProbe`."""

    name = "gateway"
    essential = False

    def __init__(self, gateway: GatewaySupervisor | None) -> None:
        self._gateway = gateway

    async def check(self) -> Component:
        """Whether it runs and answers."""
        if self._gateway is None:
            detail = "the gateway's binary is not installed, so only gRPC is served; build it with `make build`"
            return Component(self.name, Status.DEGRADED, detail)
        if not self._gateway.up:
            return Component(self.name, Status.DEGRADED, "the gateway does not run just now; it is started again")
        return Component(self.name, Status.HEALTHY)
