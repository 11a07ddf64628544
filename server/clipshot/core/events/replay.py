"""Stored events again, for a subscriber that comes back."""

from collections.abc import AsyncIterator
from dataclasses import replace

from clipshot.core.events.selection import Selection
from clipshot.core.events.subscription import BATCH_EVENTS, Batch, Gap, Subscription
from clipshot.core.store import EventFilter, Store


class Replay:
    """Reads on from an event. What is no longer held, or belongs to another database, is told as one gap."""

    def __init__(self, store: Store, wanted: Selection, epoch: str, sequence: int) -> None:
        self._store = store
        self._wanted = wanted
        self._epoch = epoch
        self._sequence = sequence
        self._last_id = f"{epoch}-{sequence}"

    @classmethod
    async def from_now(cls, store: Store, wanted: Selection) -> "Replay":
        """Reads on from the newest stored event."""
        async with store.read() as reader:
            _, newest = await reader.events.bounds()
            return cls(store, wanted, reader.events.epoch, newest)

    @property
    def position(self) -> str:
        """Id of the event after which it reads on."""
        return f"{self._epoch}-{self._sequence}"

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

    async def live(self, subscription: Subscription, patience: float) -> AsyncIterator[Batch]:
        """What is heard and was not read before; an empty batch after ``patience`` seconds without an event."""
        while (batch := await subscription.take(patience)) is not None:
            fresh = tuple(event for event in batch.events if not event.sequence or event.sequence > self._sequence)
            # A live gap begins after the last event that was read, where nothing was heard yet.
            gap = batch.gap
            if gap and not gap.after_event_id:
                gap = replace(gap, after_event_id=self._last_id)
            if fresh or gap or not batch.events:
                yield Batch(fresh, gap)

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
