"""Events in the database."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select

from clipshot.core.events.catalogue import payload_class
from clipshot.core.events.event import Event, Priority
from clipshot.core.store import EventFilter
from clipshot.store.codec import from_json, to_json
from clipshot.store.database import Connection
from clipshot.store.tables import events


class EventRepository:
    """Stored events, oldest first."""

    def __init__(self, connection: Connection, epoch: str) -> None:
        self._connection = connection
        self._epoch = epoch

    @property
    def epoch(self) -> str:
        """Names this database."""
        return self._epoch

    async def page(self, where: EventFilter, limit: int) -> Sequence[Event]:
        """Events after a sequence."""
        query = _SELECT.where(events.c.sequence > where.after_sequence).order_by(events.c.sequence).limit(limit)
        if where.resource:
            query = query.where(events.c.resource == where.resource)
        if where.topics:
            query = query.where(or_(*map(_matches, where.topics)))
        return [self._event(row) for row in await self._connection.rows(query)]

    async def bounds(self) -> tuple[int, int]:
        """Lowest and highest stored sequence; (0, 0) when there is none."""
        # Two subqueries, since SQLite answers min and max from the index only one at a time.
        lowest = select(func.min(events.c.sequence)).scalar_subquery()
        highest = select(func.max(events.c.sequence)).scalar_subquery()
        (row,) = await self._connection.rows(select(lowest.label("low"), highest.label("high")))
        return row.low or 0, row.high or 0

    async def add(self, told: Sequence[Event]) -> None:
        """Append events; their sequences are set."""
        await self._connection.run(insert(events), [_row(event) for event in told])

    async def remove_through(self, sequence: int, limit: int) -> None:
        """Delete the oldest events, at most ``limit``, up to and including a sequence."""
        oldest = select(events.c.sequence).where(events.c.sequence <= sequence).order_by(events.c.sequence).limit(limit)
        await self._connection.run(delete(events).where(events.c.sequence.in_(oldest)))

    def _event(self, row: Row[Any]) -> Event:
        payload = from_json(payload_class(row.type), json.loads(row.payload))
        return Event(row.type, row.time, row.resource, Priority(row.priority), payload, self._epoch, row.sequence)


def _row(event: Event) -> dict[str, Any]:
    payload = json.dumps(to_json(event.payload), ensure_ascii=False, separators=(",", ":"))
    return {
        "sequence": event.sequence,
        "type": event.type,
        "time": event.time,
        "resource": event.resource,
        "priority": int(event.priority),
        "payload": payload,
    }


def _matches(topic: str) -> ColumnElement[bool]:
    # Topics know * and ? only; GLOB's brackets would mean something else.
    return events.c.type.op("GLOB", is_comparison=True)(topic.replace("[", "[[]"))


_SELECT = select(events)
