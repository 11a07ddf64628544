"""Live previews: who watches, and what each viewer is sent."""

import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.live_streams import AccessUnit, PreviewTap
from clipshot.core.capture.viewer_credit import ViewerCredit
from clipshot.core.errors import NotFoundError

_ID_BYTES = 18
"""Random bytes of a preview's id: whoever knows it may steer the preview."""


@dataclass(frozen=True)
class PreviewStart:
    """What a viewer must know to decode; ``monotonic_ns`` is the clock that the pictures' times are of, now."""

    preview_id: str
    codec: str
    width: int
    height: int
    monotonic_ns: int


class Viewer:
    """One who watches."""

    def __init__(self, tap: PreviewTap, preview_id: str, credit: ViewerCredit, clock_ns: Callable[[], int]) -> None:
        self._tap = tap
        self._credit = credit
        self._clock_ns = clock_ns
        self._waiting: deque[AccessUnit] = deque()
        self.preview_id = preview_id

    @property
    def start(self) -> PreviewStart:
        """The first thing to tell."""
        tap = self._tap
        return PreviewStart(self.preview_id, tap.codec, tap.width, tap.height, self._clock_ns())

    async def next(self) -> AccessUnit | None:
        """The next picture for this viewer, to be sent at once; None when the session has ended."""
        while True:
            if not self._waiting:
                self._waiting.extend(await self._tap.read())
                if not self._waiting:
                    return None
            unit, now = self._waiting.popleft(), self._clock_ns()
            if self._credit.admit(unit, now):
                return replace(unit, sent_ns=now, dropped=self._credit.dropped + self._tap.skipped)
            self._ask_if_needed(now)

    def acknowledge(self, sequence: int) -> None:
        """It has decoded all up to this picture."""
        self._credit.acknowledge(sequence)
        self._ask_if_needed(self._clock_ns())

    def request_keyframe(self) -> None:
        """It cannot go on without one."""
        self._tap.request_keyframe()

    def _ask_if_needed(self, now_ns: int) -> None:
        if self._credit.wants_keyframe(now_ns):
            self._tap.request_keyframe()


class LivePreviews:
    """All viewers of all sessions, by the ids that they were given."""

    def __init__(self, sessions: ActiveSessions, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._sessions = sessions
        self._clock_ns = clock_ns
        self._viewers: dict[str, Viewer] = {}

    @property
    def watching(self) -> int:
        """How many viewers there are."""
        return len(self._viewers)

    @asynccontextmanager
    async def open(self, session_id: str, max_width: int, *, acknowledges: bool) -> AsyncIterator[Viewer]:
        """Watch a session, at most ``max_width`` pixels wide (0: half of its own size), for the length of the block.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, ENCODER_UNAVAILABLE.
        """
        session = await self._sessions.running(session_id)
        tap = await session.live.open_preview(max_width)
        viewer = Viewer(tap, secrets.token_urlsafe(_ID_BYTES), ViewerCredit(acknowledges=acknowledges), self._clock_ns)
        self._viewers[viewer.preview_id] = viewer
        try:
            yield viewer
        finally:
            del self._viewers[viewer.preview_id]
            tap.close()

    def acknowledge(self, preview_id: str, sequence: int) -> None:
        """A viewer has decoded all up to this picture.

        Raises:
            NotFoundError: PREVIEW_NOT_FOUND; previews end with their stream.
        """
        self._viewer(preview_id).acknowledge(sequence)

    def request_keyframe(self, preview_id: str) -> None:
        """A viewer needs a keyframe.

        Raises:
            NotFoundError: PREVIEW_NOT_FOUND; previews end with their stream.
        """
        self._viewer(preview_id).request_keyframe()

    def _viewer(self, preview_id: str) -> Viewer:
        viewer = self._viewers.get(preview_id)
        if viewer is None:
            raise NotFoundError("preview", preview_id)
        return viewer
