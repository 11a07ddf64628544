"""Sessions in the database."""

from collections.abc import Sequence

from sqlalchemy import select

from clipshot.core.capture.session import Session
from clipshot.core.paging import Keyset
from clipshot.core.store import SessionFilter
from clipshot.store.database import Connection
from clipshot.store.row_mapping import columns_of, entity, upsert
from clipshot.store.tables import sessions


class SessionRepository:
    """Sessions, newest first: ids sort by the time they were made."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, session_id: str) -> Session | None:
        """One session."""
        found = await self._connection.rows(_SELECT.where(sessions.c.session_id == session_id))
        return entity(Session, found[0]) if found else None

    async def page(self, where: SessionFilter, after: Keyset | None, limit: int) -> Sequence[Session]:
        """Sessions after a position."""
        query = _SELECT.order_by(sessions.c.session_id.desc()).limit(limit)
        if where.states:
            query = query.where(sessions.c.state.in_(where.states))
        if after:
            query = query.where(sessions.c.session_id < after.id)
        return [entity(Session, row) for row in await self._connection.rows(query)]

    async def put(self, session: Session) -> None:
        """Insert or replace."""
        await self._connection.run(upsert(sessions, "session_id", session))


_SELECT = select(*columns_of(sessions, Session))
