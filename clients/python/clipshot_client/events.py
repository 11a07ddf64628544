"""Events without a hole and without a double, however often the connection breaks."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from clipshot_client.backoff import FIRST_WAIT
from clipshot_client.errors import UnavailableError
from clipshot_client.streams import reached


class Numbered(Protocol):
    """An event of either flavour; ``event_id`` is empty for high-volume ones."""

    event_id: str


EventT = TypeVar("EventT", bound=Numbered)


@dataclass(frozen=True)
class Gap:
    """Events that are not to be had any more: they are older than what the server keeps.

    Attributes:
        after_event_id: Id of the last event before the gap; empty when nothing came before.
        next_event_id: Id of the first event after the gap.
        missed: Number of events left out; 0 when unknown.
    """

    after_event_id: str
    next_event_id: str
    missed: int


@dataclass(frozen=True)
class Batch(Generic[EventT]):
    """One message of the stream; ``position`` is the id after which a new stream goes on, empty when not told."""

    events: Sequence[EventT]
    gap: Gap | None = None
    position: str = ""


Subscribe = Callable[[str], AsyncGenerator[Batch[EventT], None]]
"""Opens a stream of the events after an id (empty: from now on), which begins with a greeting."""


async def resumed(subscribe: Subscribe[EventT], after: str) -> AsyncGenerator[EventT | Gap, None]:
    """Events, from one stream after the other, each going on where the one before broke off; without an end.

    Raises:
        ClipShotError: The server refuses the subscription; only that it is unavailable is waited for.
    """
    position = after
    while True:
        async with aclosing(reached(partial(subscribe, position))) as batches:
            try:
                async for batch in batches:
                    if batch.gap is not None:
                        yield batch.gap
                    for event in batch.events:
                        position = event.event_id or position
                        yield event
                    position = batch.position or position
            except UnavailableError:
                pass
        await asyncio.sleep(FIRST_WAIT)
