"""A subscriber's queue is bounded: it loses high-volume events first, then tells a gap, and never holds up the bus."""

import pytest

from clipshot.core.clock import utc_now
from clipshot.core.events.bus import EventBus
from clipshot.core.events.event import Event, Priority
from clipshot.core.events.payloads import Custom, StatsReported, SystemStarted
from clipshot.core.events.selection import Selection
from clipshot.core.events.subscription import BATCH_EVENTS, Batch, Gap, Subscription
from tests.samples import sample


def _stored(sequence: int, kind: str = "mine:happened", priority: Priority = Priority.NORMAL) -> Event:
    return Event(kind, utc_now(), f"things/{sequence}", priority, Custom(), "e", sequence)


def _passing() -> Event:
    return Event("capture:stats", utc_now(), "sessions/s", Priority.LOW, sample(StatsReported))


async def _drain(subscription: Subscription) -> list[Batch]:
    subscription.close()
    batches = []
    while (batch := await subscription.take(1)) is not None:
        batches.append(batch)
    return batches


async def test_events_come_in_order_and_in_batches() -> None:
    subscription = Subscription(Selection())
    for sequence in range(1, BATCH_EVENTS + 3):
        subscription.offer(_stored(sequence))
    batches = await _drain(subscription)
    assert [len(batch.events) for batch in batches] == [BATCH_EVENTS, 2]
    assert [event.sequence for batch in batches for event in batch.events] == list(range(1, BATCH_EVENTS + 3))


async def test_high_volume_events_keep_their_place() -> None:
    subscription = Subscription(Selection(high_volume=True))
    events = [_stored(1), _passing(), _stored(2), _passing()]
    for event in events:
        subscription.offer(event)
    (batch,) = await _drain(subscription)
    assert list(batch.events) == events


async def test_a_full_queue_loses_high_volume_events_first() -> None:
    subscription = Subscription(Selection(high_volume=True), capacity=4)
    for event in (_stored(1), _passing(), _stored(2), _passing(), _stored(3), _stored(4)):
        subscription.offer(event)
    (batch,) = await _drain(subscription)
    assert [event.sequence for event in batch.events] == [1, 2, 3, 4]
    assert batch.gap is None


async def test_then_the_oldest_are_lost_and_told_as_a_gap() -> None:
    subscription = Subscription(Selection(), capacity=4)
    subscription.offer(_stored(1))
    first = await subscription.take(1)
    for sequence in range(2, 10):
        subscription.offer(_stored(sequence))
    (batch,) = await _drain(subscription)
    assert first is not None
    assert [event.sequence for event in first.events] == [1]
    assert batch.gap == Gap("e-1", "e-6", 4)
    assert [event.sequence for event in batch.events] == [6, 7, 8, 9]


async def test_silence_gives_a_heartbeat_and_the_end_gives_none() -> None:
    subscription = Subscription(Selection())
    assert await subscription.take(0.01) == Batch()
    subscription.close()
    assert await subscription.take(0.01) is None


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        (Selection(), True),
        (Selection(topics=("clip:*", "mine:*")), True),
        (Selection(topics=("mine:happene?",)), True),
        (Selection(topics=("clip:*",)), False),
        (Selection(topics=("mine",)), False),
        (Selection(event_type="mine:happened"), True),
        (Selection(event_type="mine:other"), False),
        (Selection(resource="things/1"), True),
        (Selection(resource="things/2"), False),
        (Selection(min_priority=Priority.NORMAL), True),
        (Selection(min_priority=Priority.HIGH), False),
        (Selection(topics=("mine:*",), resource="things/2"), False),
    ],
)
def test_what_a_selection_lets_pass(wanted: Selection, passes: bool) -> None:
    assert wanted.wants(_stored(1)) is passes


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [(Selection(), False), (Selection(high_volume=True), True), (Selection(event_type="capture:stats"), True)],
)
def test_high_volume_events_pass_only_when_asked_for(wanted: Selection, passes: bool) -> None:
    assert wanted.wants(_passing()) is passes


async def test_the_bus_tells_stored_types_only_from_the_store() -> None:
    bus = EventBus(utc_now)
    with pytest.raises(ValueError, match="stored"):
        bus.publish_transient(SystemStarted("1", False), "system")
    with bus.subscribe(Selection(high_volume=True)) as subscription:
        bus.publish_transient(sample(StatsReported), "sessions/s")
        batch = await subscription.take(1)
    assert batch is not None
    assert [(event.type, event.event_id) for event in batch.events] == [("capture:stats", "")]


async def test_a_closed_bus_ends_all_subscriptions() -> None:
    bus = EventBus(utc_now)
    with bus.subscribe(Selection()) as before:
        bus.close()
        with bus.subscribe(Selection()) as after:
            assert await before.take(1) is None
            assert await after.take(1) is None
