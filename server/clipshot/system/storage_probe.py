"""Health of the disks that clips and the database need."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from clipshot.core.system.health import Component, Status
from clipshot.core.system.storage import LOW_BYTES

FULL_BYTES = 64 * 1024**2
"""Free room below which nothing of use can be kept any more: less than a minute at 12 Mbit/s."""


class StorageProbe:
    """Watches the room on the disks of some folders. Implements :class:`clipshot.core.system.health.HealthProbe`."""

    name = "storage"
    essential = True

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    async def check(self) -> Component:
        """The worst of the disks."""
        return await asyncio.to_thread(self._check)

    def _check(self) -> Component:
        try:
            free, folder = min((shutil.disk_usage(folder).free, folder) for folder in self._folders)
        except OSError as error:
            return Component(self.name, Status.UNHEALTHY, f"{error.filename}: {error.strerror}; make it reachable")
        room = f"{free // 2**20} MiB free on the disk of {folder}"
        if free < FULL_BYTES:
            return Component(self.name, Status.UNHEALTHY, f"{room}; make room")
        if free < LOW_BYTES:
            return Component(self.name, Status.DEGRADED, f"{room}; make room soon")
        return Component(self.name, Status.HEALTHY, room)
