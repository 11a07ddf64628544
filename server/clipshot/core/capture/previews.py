"""Single pictures of sessions, for people who want to see what is captured."""

import asyncio
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions

INTERVAL = 0.1
"""Seconds between two JPEGs of one session, whoever asks, so that watching never costs the recording pictures."""

DEFAULT_WIDTH = 640


@dataclass
class _Preview:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    made_at: float = float("-inf")
    width: int = 0
    jpeg: bytes = b""


class Previews:
    """JPEGs of now, at most ten a second for each session."""

    def __init__(self, sessions: ActiveSessions) -> None:
        self._sessions = sessions
        self._previews: WeakKeyDictionary[ActiveSession, _Preview] = WeakKeyDictionary()

    async def jpeg(self, session_id: str, max_width: int) -> bytes:
        """The newest picture, at most ``max_width`` pixels wide (0: 640) and at most a tenth of a second old.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, REPLAY_EMPTY (no picture yet).
        """
        session = await self._sessions.running(session_id)
        width = max_width or DEFAULT_WIDTH
        preview = self._previews.setdefault(session, _Preview())
        async with preview.turn:
            age = _now() - preview.made_at
            if preview.width == width and age < INTERVAL:
                return preview.jpeg
            if age < INTERVAL:
                await asyncio.sleep(INTERVAL - age)  # another width was asked for just now
            return await self._make(session, preview, width)

    async def _make(self, session: ActiveSession, preview: _Preview, width: int) -> bytes:
        preview.jpeg = await session.live.preview_jpeg(width)
        preview.width, preview.made_at = width, _now()
        return preview.jpeg


def _now() -> float:
    return asyncio.get_running_loop().time()
