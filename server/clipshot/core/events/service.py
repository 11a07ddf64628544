"""Events for callers: live, again after an interruption, and out of the history."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clipshot.core.clock import Clock
from clipshot.core.errors import InvalidArgumentError
from clipshot.core.events.bus import EventBus
from clipshot.core.events.catalogue import RESERVED_NAMESPACES
from clipshot.core.events.event import Event, Priority
from clipshot.core.events.payloads import Custom
from clipshot.core.events.publisher import EventPublisher
from clipshot.core.events.replay import Replay
from clipshot.core.events.selection import Selection
from clipshot.core.events.subscription import Batch
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.page_tokens import PageTokens
from clipshot.core.paging import Keyset, Page, PageRequest
from clipshot.core.store import EventFilter, Store, Transaction

MAX_PAYLOAD_BYTES = 64 * 1024
"""Largest payload of a caller's event, as JSON."""


class EventService:
    """Events for callers."""

    def __init__(
        self, store: Store, bus: EventBus, keeper: IdempotencyKeeper, tokens: PageTokens, clock: Clock
    ) -> None:
        self._store = store
        self._bus = bus
        self._publisher = EventPublisher(store)
        self._keeper = keeper
        self._tokens = tokens
        self._clock = clock

    async def subscribe(
        self, wanted: Selection, *, after_event_id: str = "", heartbeat: timedelta = timedelta(seconds=15)
    ) -> AsyncIterator[Batch]:
        """Batches of events: a greeting with the position at once, then those after an event, then what happens.

        Empty ones are heartbeats. Ends when the server stops.

        Raises:
            InvalidArgumentError: EVENT_ID_INVALID.
        """
        seconds = heartbeat.total_seconds()
        if not after_event_id:
            with self._bus.subscribe(wanted) as live:
                replay = await Replay.from_now(self._store, wanted)
                yield Batch(position=replay.position)
                async for batch in replay.live(live, seconds):
                    yield batch
            return
        replay = Replay(self._store, wanted, *parse_event_id(after_event_id))
        yield Batch(position=after_event_id)
        async for batch in replay.stored():
            yield batch
        with self._bus.subscribe(wanted) as live:
            # What was committed before the subscription began is read, what comes after it is heard.
            async for batch in replay.stored():
                yield batch
            async for batch in replay.live(live, seconds):
                yield batch

    async def list(self, where: EventFilter, after_event_id: str, request: PageRequest) -> Page[Event]:
        """Stored events, oldest first.

        Raises:
            InvalidArgumentError: EVENT_ID_INVALID, EVENT_ID_OTHER_EPOCH (the event is of another database, so nothing
                here comes after it), or the page token is not of this list.
        """
        epoch, begin = parse_event_id(after_event_id) if after_event_id else ("", 0)

        async def fetch(after: Keyset | None, limit: int) -> Sequence[Event]:
            async with self._store.read() as reader:
                if epoch and epoch != reader.events.epoch:
                    raise InvalidArgumentError.of_field(
                        "after_event_id",
                        f"is of another database, whose epoch is not {reader.events.epoch!r}; read from the start",
                        reason="EVENT_ID_OTHER_EPOCH",
                    )
                sequence = int(after.key) if after else begin
                return await reader.events.page(replace(where, after_sequence=sequence), limit)

        return await self._tokens.page(
            request, (where, after_event_id), fetch, lambda event: Keyset(event.sequence, event.event_id)
        )

    async def publish(
        self, event_type: str, payload: Custom, resource: str, priority: Priority, key: RequestKey | None = None
    ) -> Event:
        """Store and tell an event of a caller.

        Raises:
            InvalidArgumentError: EVENT_NAMESPACE_RESERVED, EVENT_PAYLOAD_INVALID, EVENT_PAYLOAD_TOO_LARGE or
                REQUEST_ID_REUSED.
        """
        _check_custom(event_type, payload)
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                epoch, sequence, time = json.loads(claim.answer)
                return Event(
                    event_type,
                    datetime.fromisoformat(time).astimezone(UTC),
                    resource,
                    priority,
                    payload,
                    epoch,
                    sequence,
                )

            async def write(tx: Transaction) -> Event:
                event = tx.emit_custom(event_type, payload, resource, priority)
                await claim.remember(tx, json.dumps([event.epoch, event.sequence, event.time.isoformat()]))
                return event

            return await self._publisher.publish(write)


def parse_event_id(event_id: str) -> tuple[str, int]:
    """Epoch and sequence of an event id.

    Raises:
        InvalidArgumentError: EVENT_ID_INVALID.
    """
    epoch, separator, number = event_id.rpartition("-")
    if not (separator and epoch and number.isascii() and number.isdigit() and len(number) <= 18):
        raise InvalidArgumentError.of_field(
            "after_event_id", "is not an event id `<epoch>-<sequence>`", reason="EVENT_ID_INVALID"
        )
    return epoch, int(number)


def _check_custom(event_type: str, payload: Custom) -> None:
    namespace = event_type.partition(":")[0]
    if namespace in RESERVED_NAMESPACES:
        raise InvalidArgumentError.of_field(
            "type", f"the namespace {namespace!r} is the server's; take your own", reason="EVENT_NAMESPACE_RESERVED"
        )
    try:
        size = len(json.dumps(payload.fields, allow_nan=False, separators=(",", ":")).encode())
    except ValueError as error:
        raise InvalidArgumentError.of_field(
            "payload", "holds a number that JSON cannot say", reason="EVENT_PAYLOAD_INVALID"
        ) from error
    if size > MAX_PAYLOAD_BYTES:
        raise InvalidArgumentError.of_field(
            "payload", f"is {size} bytes as JSON, more than {MAX_PAYLOAD_BYTES}", reason="EVENT_PAYLOAD_TOO_LARGE"
        )
