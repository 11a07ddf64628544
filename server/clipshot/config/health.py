"""Health of the settings file."""

from collections.abc import Callable, Sequence

from clipshot.core.config.setting import SettingFault
from clipshot.core.system.health import Component, Status


class SettingsProbe:
    """Sees whether the settings file can be used. Implements :class:`clipshot.core.system.health.HealthProbe`."""

    name = "settings"
    essential = False

    def __init__(self, path: str, faults: Callable[[], Sequence[SettingFault]]) -> None:
        self._path = path
        self._faults = faults

    async def check(self) -> Component:
        """Whether the file is in force, or the values that last worked."""
        faults = self._faults()
        if not faults:
            return Component(self.name, Status.HEALTHY)
        first = faults[0]
        place = f"{self._path}, line {first.line}" if first.line else self._path
        detail = f"the last good settings are in force, since the file cannot be used: {place}: {first.reason}; mend it"
        return Component(self.name, Status.DEGRADED, detail)
