"""Operations in the database."""

from collections.abc import Sequence

from sqlalchemy import select

from clipshot.core.operations.operation import Operation
from clipshot.core.paging import Keyset
from clipshot.core.store import OperationFilter
from clipshot.store.database import Connection
from clipshot.store.row_mapping import columns_of, entity, upsert
from clipshot.store.tables import operations


class OperationRepository:
    """Operations, newest first: ids sort by the time they were made."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, operation_id: str) -> Operation | None:
        """One operation."""
        found = await self._connection.rows(_SELECT.where(operations.c.operation_id == operation_id))
        return entity(Operation, found[0]) if found else None

    async def page(self, where: OperationFilter, after: Keyset | None, limit: int) -> Sequence[Operation]:
        """Operations after a position."""
        query = _SELECT.order_by(operations.c.operation_id.desc()).limit(limit)
        if where.states:
            query = query.where(operations.c.state.in_(where.states))
        if where.kind:
            query = query.where(operations.c.kind == where.kind)
        if after:
            query = query.where(operations.c.operation_id < after.id)
        return [entity(Operation, row) for row in await self._connection.rows(query)]

    async def put(self, operation: Operation) -> None:
        """Insert or replace."""
        await self._connection.run(upsert(operations, "operation_id", operation))


_SELECT = select(*columns_of(operations, Operation))
