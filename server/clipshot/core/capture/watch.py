"""Watching sessions: their state for those who watch one, their counters for those who listen to events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog

from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.session import Session
from clipshot.core.events.bus import EventBus
from clipshot.core.events.payloads import StatsReported

SECONDS = 1.0
"""Between two looks."""

_log = structlog.get_logger(__name__)


class SessionWatch:
    """Tells how sessions do."""

    def __init__(self, sessions: ActiveSessions, bus: EventBus) -> None:
        self._sessions = sessions
        self._bus = bus
        self._ticker: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to publish capture:stats each second, while anybody listens."""
        self._ticker = asyncio.create_task(self._tick(), name="capture-stats")

    async def stop(self) -> None:
        """Stop publishing."""
        if self._ticker is not None:
            self._ticker.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticker

    async def watch(self, session_id: str) -> AsyncIterator[Session]:
        """The session now, after each change and each second, until it has ended.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: NOTHING_CAPTURED.
        """
        session = self._sessions.find(session_id)
        if session is None:
            yield await self._sessions.stored(session_id)
            return
        while True:
            view = session.view()
            yield view
            if view.state.ended:
                return
            await session.wait_for_change(SECONDS)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(SECONDS)
            if not self._bus.heard:
                continue
            for session in self._sessions:
                try:
                    stats = session.live.stats()
                    self._bus.publish_transient(StatsReported(session.session_id, stats), session.resource)
                except Exception:
                    _log.exception("stats_lost", session_id=session.session_id)
