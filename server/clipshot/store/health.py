"""Health of the database."""

from clipshot.core.errors import ClipShotError
from clipshot.core.system.health import Component, Status
from clipshot.store.store import SqliteStore


class DatabaseProbe:
    """Sees whether reads and writes work. Implements :class:`clipshot.core.system.health.HealthProbe`."""

    name = "database"
    essential = True

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    async def check(self) -> Component:
        """Read, and take the right to write."""
        try:
            await self._store.check()
        except ClipShotError as error:
            return Component(self.name, Status.UNHEALTHY, f"{error.message}; {error.remedy}".rstrip("; "))
        return Component(self.name, Status.HEALTHY)
