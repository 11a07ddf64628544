"""Health of capture and encoding."""

from clipshot.core.capture.ports import CaptureEngine
from clipshot.core.errors import ClipShotError
from clipshot.core.system.health import Component, Status

# The built-in picture always works, so it says nothing about a screen.
TEST_BACKEND = "test"


class CaptureProbe:
    """Sees whether a screen can be captured. Implements :class:`clipshot.core.system.health.HealthProbe`."""

    name = "capture"
    essential = True

    def __init__(self, engine: CaptureEngine) -> None:
        self._engine = engine

    async def check(self) -> Component:
        """Healthy with a screen, degraded with nothing but the test source."""
        backends = await self._engine.backends()
        working = [backend.name for backend in backends if backend.available and backend.name != TEST_BACKEND]
        if working:
            return Component(self.name, Status.HEALTHY, f"by {', '.join(working)}")
        reasons = "; ".join(backend.reason for backend in backends if not backend.available)
        return Component(self.name, Status.DEGRADED, f"only the test source can be captured: {reasons}")


class EncoderProbe:
    """Sees whether pictures can be encoded. Implements :class:`clipshot.core.system.health.HealthProbe`."""

    name = "encoder"
    essential = True

    def __init__(self, engine: CaptureEngine) -> None:
        self._engine = engine

    async def check(self) -> Component:
        """Healthy when at least one encoder encoded a picture."""
        try:
            encoders = await self._engine.encoders()
        except ClipShotError as error:
            return Component(self.name, Status.UNHEALTHY, error.message)
        if not encoders:
            remedy = "install FFmpeg's libraries with libx264"
            return Component(self.name, Status.UNHEALTHY, f"no encoder works here; {remedy}")
        return Component(self.name, Status.HEALTHY, ", ".join(encoder.encoder_id for encoder in encoders))
