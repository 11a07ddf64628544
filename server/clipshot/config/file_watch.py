"""Sees edits of the settings file.

The file is looked at once a second. That costs one ``stat``, works on every file system (network folders tell nothing
by inotify), and sees editors that write a new file and rename it, as well as those that write into the old one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from clipshot.config.keeper import FileSettingsKeeper

SECONDS = 1.0
"""Between two looks."""

_log = structlog.get_logger(__name__)


class FileWatch:
    """Calls back after each change of the settings file."""

    def __init__(self, keeper: FileSettingsKeeper, on_change: Callable[[], Awaitable[None]]) -> None:
        self._keeper = keeper
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look(), name="settings-file")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _look(self) -> None:
        seen = None
        while True:
            stamp = await asyncio.to_thread(self._keeper.stamp)
            if stamp != seen:
                seen = stamp
                try:
                    await self._on_change()
                except Exception:
                    _log.exception("settings_file_not_taken_over", path=self._keeper.path)
            await asyncio.sleep(SECONDS)
