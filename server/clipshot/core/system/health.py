"""Health of the server, put together from its parts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import structlog

from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, NotFoundError

CHECK_SECONDS = 2.0
"""How long a part may take to answer before it counts as unhealthy."""

_log = structlog.get_logger(__name__)


class Status(StrEnum):
    """How well something works."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class DatabaseState(StrEnum):
    """State of the connection to the database."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


class AiRuntimeState(StrEnum):
    """State of the runtime for models."""

    READY = "ready"
    LOADING = "loading"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Component:
    """Health of one part. ``detail`` is one sentence, with what to do when it does not work."""

    name: str
    status: Status
    detail: str = ""


@dataclass(frozen=True)
class PluginCounts:
    """Numbers of plugins."""

    total: int = 0
    active: int = 0


@dataclass(frozen=True)
class Health:
    """Health of the server and its parts."""

    status: Status
    version: str
    database: DatabaseState
    uptime: timedelta
    components: tuple[Component, ...]
    ai_runtime: AiRuntimeState = AiRuntimeState.UNAVAILABLE
    plugins: PluginCounts = field(default_factory=PluginCounts)


class HealthProbe(Protocol):
    """Looks after one part. The main job does not work without ``essential`` ones."""

    @property
    def name(self) -> str:
        """Name of the part, e.g. ``gateway``."""

    @property
    def essential(self) -> bool:
        """Whether the main job needs the part."""

    async def check(self) -> Component:
        """How well the part works now."""


class HealthService:
    """Asks all parts at once. The part named ``database`` also fills the database's own state."""

    def __init__(self, probes: Sequence[HealthProbe], version: str, clock: Clock) -> None:
        self._probes = tuple(probes)
        self._version = version
        self._clock = clock
        self._started = clock()

    async def report(self, names: Sequence[str] = ()) -> Health:
        """Health of the server, with the parts of these names, or all.

        Raises:
            NotFoundError: there is no part of a name.
        """
        known = {probe.name for probe in self._probes}
        for name in names:
            if name not in known:
                raise NotFoundError("component", name)
        found = await asyncio.gather(*map(_checked, self._probes))
        by_name = {component.name: component.status for component in found}
        connected = by_name.get("database") is not Status.UNHEALTHY
        return Health(
            status=_overall(self._probes, found),
            version=self._version,
            database=DatabaseState.CONNECTED if connected else DatabaseState.DISCONNECTED,
            uptime=self._clock() - self._started,
            components=tuple(component for component in found if not names or component.name in names),
        )


async def _checked(probe: HealthProbe) -> Component:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await probe.check()
    except TimeoutError:
        return Component(probe.name, Status.UNHEALTHY, f"does not answer within {CHECK_SECONDS:g} s")
    except ClipShotError as error:
        detail = f"{error.message}; {error.remedy}" if error.remedy else error.message
        return Component(probe.name, Status.UNHEALTHY, detail)
    except Exception:
        # Health is asked for when things are broken: one broken part must not hide how the others are.
        _log.exception("health_not_checked", component=probe.name)
        return Component(probe.name, Status.UNHEALTHY, "its check failed; the server's log has the details")


def _overall(probes: Sequence[HealthProbe], found: Sequence[Component]) -> Status:
    if any(p.essential and c.status is Status.UNHEALTHY for p, c in zip(probes, found, strict=True)):
        return Status.UNHEALTHY
    return Status.HEALTHY if all(c.status is Status.HEALTHY for c in found) else Status.DEGRADED
