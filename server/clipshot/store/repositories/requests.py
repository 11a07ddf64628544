"""Mutations done under a request_id, in the database."""

from datetime import datetime

from sqlalchemy import delete, select

from clipshot.core.store import StoredRequest
from clipshot.store.database import Connection
from clipshot.store.row_mapping import columns_of, entity, upsert
from clipshot.store.tables import requests


class RequestRepository:
    """Mutations done under a request_id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, request_id: str) -> StoredRequest | None:
        """One request."""
        found = await self._connection.rows(_SELECT.where(requests.c.request_id == request_id))
        return entity(StoredRequest, found[0]) if found else None

    async def put(self, request: StoredRequest) -> None:
        """Insert or replace."""
        await self._connection.run(upsert(requests, "request_id", request))

    async def remove_before(self, time: datetime) -> None:
        """Forget requests made before a time."""
        await self._connection.run(delete(requests).where(requests.c.create_time < time))


_SELECT = select(*columns_of(requests, StoredRequest))
