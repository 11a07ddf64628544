"""Stored events again, for a subscriber that comes back."""

from collections.abc import AsyncIterator
from dataclasses import replace

from clipshot.core.events.event import Event
from clipshot.core.events.selection import Selection
from clipshot.core.events.subscription import BATCH_EVENTS, Batch, Gap
from clipshot.core.store import EventFilter, Store


class Replay:
    """Reads on from an event. What is no longer held, or belongs to another database, is told as one gap."""

    def __init__(self, store: Store, wanted: Selection, epoch: str, sequence: int) -> None:
        self._store = store
        self._wanted = wanted
        self._epoch = epoch
        self._sequence = sequence
        self._last_id = f"{epoch}-{sequence}"

    async def stored(self) -> AsyncIterator[Batch]:
        """All stored events after the last one read."""
        topics = (self._wanted.event_type,) if self._wanted.event_type else self._wanted.topics
        while True:
            # One view for bounds and events, so that the sweep cannot take away events between the two unnoticed.
            async with self._store.read() as reader:
                oldest, newest = await reader.events.bounds()
                gap = self._gap(reader.events.epoch, oldest, newest)
                where = EventFilter(topics, self._wanted.resource, self._sequence)
                page = await reader.events.page(where, BATCH_EVENTS)
            full = len(page) == BATCH_EVENTS
            self._sequence = page[-1].sequence if full else max(newest, self._sequence)
            if page:
                self._last_id = page[-1].event_id
            events = tuple(filter(self._wanted.wants, page))
            if events or gap:
                yield Batch(events, gap)
            if not full:
                return

    def is_new(self, event: Event) -> bool:
        """Whether a live event was not read before."""
        return not event.sequence or event.sequence > self._sequence

    def complete(self, gap: Gap) -> Gap:
        """A live gap, with the last event that was read before it where nothing was heard yet."""
        return gap if gap.after_event_id else replace(gap, after_event_id=self._last_id)

    def _gap(self, epoch: str, oldest: int, newest: int) -> Gap | None:
        missed = 0
        if epoch != self._epoch:
            self._epoch, self._sequence = epoch, max(oldest - 1, 0)
        elif self._sequence > newest:
            self._sequence = newest
        elif self._sequence < oldest - 1:
            missed = oldest - 1 - self._sequence
            self._sequence = oldest - 1
        else:
            return None
        next_id = f"{epoch}-{oldest}" if oldest else ""
        return Gap(self._last_id, next_id if self._sequence < newest else "", missed)
