"""Free room on the file systems of some folders."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from clipshot.core.system.storage import Disk


class FolderDisks:
    """The file systems of ``folders``. Implements :class:`clipshot.core.system.storage.Disks`."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    async def look(self) -> Sequence[Disk]:
        """Each file system once, by the first folder on it; health tells of those that cannot be reached."""
        return await asyncio.to_thread(self._look)

    def _look(self) -> Sequence[Disk]:
        found: dict[int, Disk] = {}
        for folder in self._folders:
            try:
                device, free = os.stat(folder).st_dev, shutil.disk_usage(folder).free
            except OSError:
                continue
            found.setdefault(device, Disk(str(folder), free))
        return tuple(found.values())
