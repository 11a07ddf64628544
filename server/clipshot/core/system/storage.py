"""The room on the disks: how little is too little, and telling it in time."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from clipshot.core.events.payloads import StorageLow
from clipshot.core.store import Store

LOW_BYTES = 2 * 1024**3
"""Free room below which a disk counts as filling up: about twenty minutes at 12 Mbit/s."""

RECOVERED_BYTES = LOW_BYTES * 5 // 4
"""Free room from which a disk that was filling up counts as well again: a ring that comes and goes is no news."""

WATCH_SECONDS = 30.0
"""Between two looks: at 100 Mbit/s less than a fifth of LOW_BYTES is written meanwhile."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Disk:
    """A file system; ``path`` is a folder on it that the server writes to."""

    path: str
    free_bytes: int


class Disks(Protocol):
    """The file systems that the server writes to."""

    async def look(self) -> Sequence[Disk]:
        """Those that can be reached, each once."""


class StorageWatch:
    """Tells once that a disk is filling up, and again only after it had recovered."""

    def __init__(self, store: Store, disks: Disks) -> None:
        self._store = store
        self._disks = disks
        self._low: set[str] = set()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._watching = asyncio.create_task(self._watch(), name="storage-watch")

    async def stop(self) -> None:
        """Stop it."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    async def look(self) -> None:
        """Look once.

        Raises:
            ClipShotError: the event could not be written; the next look tries again.
        """
        for disk in await self._disks.look():
            if disk.free_bytes >= RECOVERED_BYTES:
                self._low.discard(disk.path)
            elif disk.free_bytes < LOW_BYTES and disk.path not in self._low:
                async with self._store.write() as tx:
                    tx.emit(StorageLow(disk.path, disk.free_bytes), "system/storage")
                self._low.add(disk.path)

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                _log.exception("storage_not_watched")
            await asyncio.sleep(WATCH_SECONDS)
