"""A subscriber's queue: bounded, so that a stuck reader costs memory for a while and nobody else anything."""

import asyncio
import heapq
from collections import deque
from dataclasses import dataclass

from clipshot.core.events.event import Event
from clipshot.core.events.selection import Selection

QUEUE_EVENTS = 4096
"""Most events that wait for one subscriber: two seconds of the highest rate we promise."""

BATCH_EVENTS = 256
"""Most events in one batch."""

BATCH_DELAY = 0.010
"""Seconds for which events are gathered into one batch."""


@dataclass(frozen=True)
class Gap:
    """Events that are not to be had any more. ``missed`` is 0 when their number is unknown."""

    after_event_id: str
    next_event_id: str
    missed: int


@dataclass(frozen=True)
class Batch:
    """Events in order, after a gap or not. One without both is a greeting, which has a position, or a heartbeat."""

    events: tuple[Event, ...] = ()
    gap: Gap | None = None
    position: str = ""


class Subscription:
    """The events that one subscriber wants, from now on.

    When the queue is full the oldest high-volume event goes first; when there is none, the oldest event goes, and the
    reader is told of a gap.
    """

    def __init__(self, wanted: Selection, capacity: int = QUEUE_EVENTS) -> None:
        self._wanted = wanted
        self._capacity = capacity
        self._arrivals = 0
        self._stored: deque[tuple[int, Event]] = deque()
        self._passing: deque[tuple[int, Event]] = deque()
        self._last_id = ""
        self._lost = 0
        self._ready = asyncio.Event()
        self._closed = False

    @property
    def hears_high_volume(self) -> bool:
        """It may want events that are not stored."""
        return self._wanted.high_volume or bool(self._wanted.event_type)

    def offer(self, event: Event) -> None:
        """Queue an event if it is wanted. Never waits."""
        if self._closed or not self._wanted.wants(event):
            return
        if len(self._stored) + len(self._passing) >= self._capacity:
            self._make_room()
        self._arrivals += 1
        (self._stored if event.sequence else self._passing).append((self._arrivals, event))
        self._ready.set()

    def close(self) -> None:
        """No more events come; those that wait can still be taken."""
        self._closed = True
        self._ready.set()

    async def take(self, patience: float) -> Batch | None:
        """The next batch, an empty one after ``patience`` seconds without an event, None after the end."""
        if not self._waiting and not self._closed:
            try:
                async with asyncio.timeout(patience):
                    await self._ready.wait()
            except TimeoutError:
                return Batch()
        if self._waiting < BATCH_EVENTS and not self._closed:
            await asyncio.sleep(BATCH_DELAY)
        if not self._waiting:
            return None
        return self._cut()

    @property
    def _waiting(self) -> int:
        return len(self._stored) + len(self._passing)

    def _make_room(self) -> None:
        if self._passing:
            self._passing.popleft()
        else:
            self._stored.popleft()
            self._lost += 1

    def _cut(self) -> Batch:
        gap = None
        if self._lost and self._stored:
            gap = Gap(self._last_id, self._stored[0][1].event_id, self._lost)
            self._lost = 0
        if self._passing:
            events = self._merged()
        else:
            events = [self._stored.popleft()[1] for _ in range(min(len(self._stored), BATCH_EVENTS))]
        self._last_id = next((event.event_id for event in reversed(events) if event.sequence), self._last_id)
        if not self._waiting and not self._closed:
            self._ready.clear()
        return Batch(tuple(events), gap)

    def _merged(self) -> list[Event]:
        order = heapq.merge(self._stored, self._passing, key=lambda entry: entry[0])
        events = [event for _, event in order][:BATCH_EVENTS]
        for event in events:
            (self._stored if event.sequence else self._passing).popleft()
        return events
