"""All sessions that run, and how callers name them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.requests import CURRENT
from clipshot.core.capture.session import Session
from clipshot.core.errors import NotFoundError, PreconditionError
from clipshot.core.store import Store


class ActiveSessions:
    """Sessions by id; at most one for each source. Whatever changes one holds its source's turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sessions: dict[str, ActiveSession] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def __iter__(self) -> Iterator[ActiveSession]:
        """Sessions, oldest first; a copy, so that they may change meanwhile."""
        return iter(tuple(self._sessions.values()))

    @asynccontextmanager
    async def turn(self, source_id: str) -> AsyncIterator[None]:
        """The right to change what is done with a source."""
        async with self._turns[source_id]:
            yield

    def add(self, session: ActiveSession) -> None:
        """A session began."""
        self._sessions[session.session_id] = session

    def remove(self, session: ActiveSession) -> None:
        """A session ended."""
        self._sessions.pop(session.session_id, None)

    def of_source(self, source_id: str) -> ActiveSession | None:
        """The session on a source."""
        return next((session for session in self if session.source.source_id == source_id), None)

    def find(self, session_id: str) -> ActiveSession | None:
        """A running session by its id or as `current`; None when it does not run."""
        if session_id != CURRENT:
            return self._sessions.get(session_id)
        newest_first = tuple(reversed(self._sessions.values()))
        return next((session for session in newest_first if session.buffer is not None), None) or next(
            iter(newest_first), None
        )

    async def running(self, session_id: str) -> ActiveSession:
        """A running session by its id or as `current`.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED or NOTHING_CAPTURED.
        """
        session = self.find(session_id)
        if session is not None:
            return session
        ended = await self.stored(session_id)
        raise PreconditionError(
            "SESSION_ENDED",
            f"session {session_id!r} has ended",
            subject=f"sessions/{ended.session_id}",
            remedy="start a new session",
            metadata={"session_id": ended.session_id},
        )

    async def view(self, session_id: str) -> Session:
        """A session as it stands, running or not.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: NOTHING_CAPTURED, `current` names none.
        """
        session = self.find(session_id)
        return session.view() if session else await self.stored(session_id)

    async def stored(self, session_id: str) -> Session:
        """The row of a session.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: NOTHING_CAPTURED, `current` names none.
        """
        if session_id == CURRENT:
            raise PreconditionError(
                "NOTHING_CAPTURED",
                "nothing is captured now, so there is no current session",
                subject="sessions/current",
                remedy="start a session first",
            )
        async with self._store.read() as reader:
            session = await reader.sessions.get(session_id)
        if session is None:
            raise NotFoundError("session", session_id)
        return session
