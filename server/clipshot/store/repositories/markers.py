"""Markers in the database."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, String, delete, literal, select, tuple_

from clipshot.core.capture.marker import Marker
from clipshot.core.paging import Keyset
from clipshot.store.database import Connection
from clipshot.store.row_mapping import columns_of, entity, upsert
from clipshot.store.tables import markers


class MarkerRepository:
    """Markers of sessions, by session time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, session_id: str, marker_id: str) -> Marker | None:
        """One marker of a session."""
        query = _SELECT.where(markers.c.marker_id == marker_id, markers.c.session_id == session_id)
        found = await self._connection.rows(query)
        return entity(Marker, found[0]) if found else None

    async def page(self, session_id: str, after: Keyset | None, limit: int) -> Sequence[Marker]:
        """Markers of a session after a position."""
        query = (
            _SELECT.where(markers.c.session_id == session_id).order_by(markers.c.at, markers.c.marker_id).limit(limit)
        )
        if after:
            position = tuple_(literal(after.key, BigInteger), literal(after.id, String))
            query = query.where(tuple_(markers.c.at, markers.c.marker_id) > position)
        return [entity(Marker, row) for row in await self._connection.rows(query)]

    async def put(self, marker: Marker) -> None:
        """Insert or replace."""
        await self._connection.run(upsert(markers, "marker_id", marker))

    async def remove(self, marker_id: str) -> None:
        """Delete, if it is there."""
        await self._connection.run(delete(markers).where(markers.c.marker_id == marker_id))


_SELECT = select(*columns_of(markers, Marker))
