"""Sounds for those who look at a game and not at the desktop."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL
from contextlib import suppress
from pathlib import Path

import structlog

from clipshot.core.announce.announcement import Announcement
from clipshot.desktop.tone import FAILED, SAVED, write_tone

PLAYERS = ("pw-play", "paplay", "aplay")
"""Programs that play a WAV file, of PipeWire, PulseAudio and ALSA."""

_log = structlog.get_logger(__name__)


class Sounds:
    """Plays a tone for each announcement, by a player that the system has.

    Implements :class:`clipshot.core.announce.announcement.Channel`. ``folder`` holds the tones once they are made.
    """

    def __init__(self, folder: Path, players: tuple[str, ...] = PLAYERS) -> None:
        self._folder = folder
        self._players = players

    async def tell(self, announcement: Announcement) -> None:
        """Play it; where nothing plays, the log says so."""
        player = next(filter(None, map(shutil.which, self._players)), None)
        if player is None:
            _log.info("sound_not_played", reason=f"none of {', '.join(self._players)} is installed")
            return
        try:
            tone = await asyncio.to_thread(self._tone, failed=announcement.failed)
            process = await asyncio.create_subprocess_exec(
                player, str(tone), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
            )
        except OSError as error:
            _log.info("sound_not_played", reason=error.strerror)
            return
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if code:
            _log.info("sound_not_played", reason=f"{Path(player).name} ended with {code}")

    def _tone(self, *, failed: bool) -> Path:
        path = self._folder / ("failed.wav" if failed else "saved.wav")
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_tone(path, FAILED if failed else SAVED)
        return path
