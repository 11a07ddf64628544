"""Says what happened to those who do not look."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog

from clipshot.core.announce.announcement import Announcement, Channel, announcement_of
from clipshot.core.events.bus import EventBus
from clipshot.core.events.event import Event
from clipshot.core.events.selection import Selection

TOPICS = ("clip:created", "capture:replay_failed", "capture:health_changed", "operation:finished")

MOST_AT_ONCE = 3
"""Of a burst only the newest are said: ten beeps in a row tell no more."""

PATIENCE = 3.0
"""Seconds that a channel may take for one announcement; what hangs is given up."""

IDLE_SECONDS = 3600.0

_log = structlog.get_logger(__name__)


class Announcer:
    """Listens to events and says those that matter on every channel that is switched on.

    It is a subscriber like others: its queue is bounded, and no save waits for it.
    """

    def __init__(self, bus: EventBus, channels: Mapping[str, Channel], enabled: frozenset[str]) -> None:
        self._bus = bus
        self._channels = channels
        self._enabled = enabled
        self._task: asyncio.Task[None] | None = None

    def switch(self, enabled: frozenset[str]) -> None:
        """Use these channels, by name, from now on."""
        self._enabled = enabled

    def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._listen(), name="announcer")

    async def stop(self) -> None:
        """Say nothing more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        with self._bus.subscribe(Selection(topics=TOPICS)) as subscription:
            while (batch := await subscription.take(IDLE_SECONDS)) is not None:
                for announcement in newest(batch.events):
                    await self._say(announcement)

    async def _say(self, announcement: Announcement) -> None:
        channels = [channel for name, channel in self._channels.items() if name in self._enabled]
        await asyncio.gather(*(_tell(channel, announcement) for channel in channels))


def newest(events: tuple[Event, ...]) -> tuple[Announcement, ...]:
    """What is said of a batch."""
    found = filter(None, (announcement_of(event.payload) for event in events))
    return tuple(found)[-MOST_AT_ONCE:]


async def _tell(channel: Channel, announcement: Announcement) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await channel.tell(announcement)
    except Exception:
        _log.warning("announcement_lost", channel=type(channel).__name__, title=announcement.title, exc_info=True)
