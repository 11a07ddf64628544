"""Screens that were gone and come back: what was done with them goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.requests import StartRequest
from clipshot.core.capture.session import Session
from clipshot.core.capture.source import SourceKind
from clipshot.core.errors import ClipShotError

_log = structlog.get_logger(__name__)

FIRST_WAIT = 0.5
"""Seconds to the first try; a display server that restarts needs about as long."""

LONGEST_WAIT = 10.0
"""Seconds between tries in the end. Each costs a connection to nowhere."""


class Comebacks:
    """Starts again what a lost screen had ended: recording, replay buffer or both, as a new session.

    A screen is waited for until it is back, or somebody captures it, or the server ends. Windows do not come back:
    one that is closed is gone.
    """

    def __init__(self, start: Callable[[StartRequest], Awaitable[Session]], sessions: ActiveSessions) -> None:
        self._start = start
        self._sessions = sessions
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def wait_for(self, session: ActiveSession) -> None:
        """Remember what ``session`` does, which is about to end because its source is gone."""
        source_id = session.source.source_id
        if session.source.kind not in (SourceKind.MONITOR, SourceKind.REGION) or source_id in self._tasks:
            return
        view = session.view()
        request = StartRequest(
            source_id=source_id,
            mode=view.mode,
            video=replace(view.video, width=None, height=None),
            replay_duration=view.replay_duration,
            title=view.title if view.title != session.source.title else "",
            draw_cursor=view.draw_cursor,
            audio=session.audio,
            game=view.game,
            split=view.recording.split if view.recording else None,
        )
        task = asyncio.create_task(self._try(request), name=f"comeback-{source_id}")
        self._tasks[source_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(source_id, None))

    async def stop(self) -> None:
        """Wait for nothing more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self, request: StartRequest) -> None:
        wait = FIRST_WAIT
        while True:
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
            if self._sessions.of_source(request.source_id) is not None:
                return
            try:
                session = await self._start(request)
            except ClipShotError as error:
                _log.debug("source_still_gone", source_id=request.source_id, reason=error.reason)
                continue
            _log.info("source_is_back", source_id=request.source_id, session_id=session.session_id)
            return
