"""Events over gRPC: live, again after an interruption or a restart, out of the history, published by callers."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct
from grpc import aio

from clipshot.core.clock import utc_now
from clipshot.core.events import subscription as subscription_module
from clipshot.core.events.catalogue import EVENT_TYPES
from clipshot.core.events.event import Priority
from clipshot.core.events.payloads import Custom, StatsReported, SystemDegraded
from clipshot.core.events.selection import Selection
from clipshot.core.events.service import EventService
from clipshot.core.store import Reader
from clipshot.gen.events.v1 import event_pb2, event_service_pb2, event_service_pb2_grpc
from clipshot.store import store as store_module
from clipshot.store.store import SqliteStore
from tests.core_parts import Foundation, ServedCore, served
from tests.reasons import info_of, reason_of
from tests.samples import sample

_Request = event_service_pb2.SubscribeRequest
_Response = event_service_pb2.SubscribeResponse


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[ServedCore]:
    async with Foundation(tmp_path / "clipshot.db") as foundation, served(foundation, tmp_path) as core:
        yield core


def _stub(core: ServedCore) -> Any:
    return event_service_pb2_grpc.EventServiceStub(core.tcp)


async def _emit(core: ServedCore, count: int, kind: str = "mine:happened") -> None:
    for number in range(count):
        async with core.foundation.store.write() as tx:
            tx.emit_custom(kind, Custom({"number": float(number)}), f"things/{number}", Priority.NORMAL)


class Listener:
    """A subscriber that has had its greeting."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self.gaps: list[_Response.Gap] = []
        self.events: list[event_pb2.Event] = []

    @classmethod
    async def on(cls, core: ServedCore, request: _Request, metadata: Sequence[tuple[str, str]] = ()) -> "Listener":
        call = _stub(core).Subscribe(request, metadata=aio.Metadata(*core.metadata, *metadata))
        assert (await call.read()).position
        return cls(call)

    async def until(self, count: int) -> list[event_pb2.Event]:
        """Events so far, once there are so many."""
        async with asyncio.timeout(20):
            while len(self.events) < count:
                response = await self._call.read()
                assert response is not aio.EOF
                self.events += response.events
                if response.HasField("gap"):
                    self.gaps.append(response.gap)
        return self.events

    def close(self) -> None:
        self._call.cancel()


async def test_the_first_message_is_empty_and_at_once(core: ServedCore) -> None:
    listener = await Listener.on(core, _Request())
    await _emit(core, 3)
    events = await listener.until(3)
    listener.close()
    assert [event.sequence for event in events] == [1, 2, 3]
    epoch = events[0].event_id.rpartition("-")[0]
    assert [event.event_id for event in events] == [f"{epoch}-{n}" for n in (1, 2, 3)]
    assert events[2].custom["number"] == 2
    assert (events[2].type, events[2].resource) == ("mine:happened", "things/2")


async def test_a_stream_that_broke_before_its_first_event_goes_on_at_the_position_of_its_greeting(
    core: ServedCore,
) -> None:
    await _emit(core, 2)
    call = _stub(core).Subscribe(_Request(topics=["mine:*"]), metadata=core.metadata)
    position = (await call.read()).position
    call.cancel()
    await _emit(core, 2)
    listener = await Listener.on(core, _Request(topics=["mine:*"], after_event_id=position))
    assert [event.sequence for event in await listener.until(2)] == [3, 4]
    listener.close()


async def test_heartbeats_are_empty(core: ServedCore) -> None:
    call = _stub(core).Subscribe(_Request(heartbeat=Duration(seconds=1)), metadata=core.metadata)
    async with asyncio.timeout(10):
        assert (await call.read()).position
        assert [await call.read() for _ in range(2)] == [_Response()] * 2
    call.cancel()


async def test_filters(core: ServedCore) -> None:
    wanted = {
        "topics": _Request(topics=["mine:*"]),
        "type": _Request(event_type="mine:happened"),
        "resource": _Request(resource="things/0"),
        "priority": _Request(min_priority=event_pb2.Event.PRIORITY_HIGH),
    }
    listeners = {name: await Listener.on(core, request) for name, request in wanted.items()}
    await _emit(core, 2)
    await _emit(core, 1, "other:happened")
    async with core.foundation.store.write() as tx:
        tx.emit(SystemDegraded("gateway", "down"), "system/gateway")
        tx.emit_custom("mine:happened", Custom(), "things/0", Priority.HIGH)
    counts = {"topics": 3, "type": 3, "resource": 3, "priority": 2}
    found = {name: await listener.until(counts[name]) for name, listener in listeners.items()}
    for listener in listeners.values():
        listener.close()
    assert [e.sequence for e in found["topics"]] == [1, 2, 5]
    assert [e.sequence for e in found["type"]] == [1, 2, 5]
    assert [e.sequence for e in found["resource"]] == [1, 3, 5]
    assert [e.sequence for e in found["priority"]] == [4, 5]


async def test_high_volume_events_only_when_asked_for(core: ServedCore) -> None:
    plain = await Listener.on(core, _Request())
    asked = await Listener.on(core, _Request(include_high_volume=True))
    named = await Listener.on(core, _Request(event_type="capture:stats"))
    core.foundation.bus.publish_transient(sample(StatsReported), "sessions/s")
    await _emit(core, 1)
    assert [e.type for e in await asked.until(2)] == ["capture:stats", "mine:happened"]
    assert [e.event_id for e in await named.until(1)] == [""]
    assert [e.type for e in await plain.until(1)] == ["mine:happened"]
    for listener in (plain, asked, named):
        listener.close()


@pytest.mark.parametrize("by_metadata", [True, False])
async def test_resume_reads_what_was_missed_then_goes_on_live(core: ServedCore, by_metadata: bool) -> None:
    first = await Listener.on(core, _Request())
    await _emit(core, 3)
    last_id = (await first.until(3))[1].event_id
    first.close()
    await _emit(core, 600)
    request, metadata = _Request(), [("last-event-id", last_id)]
    if not by_metadata:
        request, metadata = _Request(after_event_id=last_id), []
    again = await Listener.on(core, request, metadata)
    await _emit(core, 5)
    events = await again.until(606)
    again.close()
    assert [event.sequence for event in events] == list(range(3, 609))
    assert again.gaps == []


async def test_the_last_id_of_a_browser_is_newer_than_the_one_in_its_address(core: ServedCore) -> None:
    await _emit(core, 3)
    async with core.foundation.store.read() as reader:
        epoch = reader.events.epoch
    listener = await Listener.on(core, _Request(after_event_id=f"{epoch}-1"), [("last-event-id", f"{epoch}-2")])
    assert [event.sequence for event in await listener.until(1)] == [3]
    listener.close()


async def test_resume_under_fire_has_no_hole_and_no_double(core: ServedCore) -> None:
    await _emit(core, 300)
    async with core.foundation.store.read() as reader:
        epoch = reader.events.epoch
    writing = asyncio.create_task(_emit(core, 300))
    listeners = []
    for _ in range(5):
        await asyncio.sleep(0.02)
        listeners.append(await Listener.on(core, _Request(after_event_id=f"{epoch}-10")))
    await writing
    for listener in listeners:
        assert [event.sequence for event in await listener.until(590)] == list(range(11, 601))
        assert listener.gaps == []
        listener.close()


class _HastyStore:
    """A store in which an event is committed just before the second reading."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.write = store.write
        self._reads = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        self._reads += 1
        if self._reads == 2:
            await _emit_into(self._store)
        async with self._store.read() as reader:
            yield reader


async def _emit_into(store: SqliteStore) -> None:
    async with store.write() as tx:
        tx.emit_custom("mine:happened", Custom(), "", Priority.NORMAL)


async def test_what_is_both_read_and_heard_comes_once(tmp_path: Path) -> None:
    """An event is committed after the live subscription has begun and before the database is read for the last time."""
    async with Foundation(tmp_path / "x.db") as parts:
        await _emit_into(parts.store)
        async with parts.store.read() as reader:
            first_id = f"{reader.events.epoch}-0"
        events = EventService(_HastyStore(parts.store), parts.bus, parts.keeper, parts.tokens, utc_now)
        seen: list[int] = []
        async for batch in events.subscribe(Selection(), after_event_id=first_id):
            seen += [event.sequence for event in batch.events]
            if seen == [1, 2]:
                await _emit_into(parts.store)
            if 3 in seen:
                break
        assert seen == [1, 2, 3]


async def test_resume_after_a_restart(tmp_path: Path) -> None:
    async with Foundation(tmp_path / "x.db") as foundation, served(foundation, tmp_path) as core:
        listener = await Listener.on(core, _Request())
        await _emit(core, 3)
        last_id = (await listener.until(3))[0].event_id
    async with Foundation(tmp_path / "x.db") as foundation, served(foundation, tmp_path) as core:
        listener = await Listener.on(core, _Request(after_event_id=last_id))
        await _emit(core, 1)
        assert [event.sequence for event in await listener.until(3)] == [2, 3, 4]
        assert listener.gaps == []
        listener.close()


async def test_another_database_gives_one_gap_then_all_it_has(core: ServedCore) -> None:
    await _emit(core, 2)
    listener = await Listener.on(core, _Request(after_event_id="feedbeef-77"))
    events = await listener.until(2)
    await _emit(core, 1)
    await listener.until(3)
    listener.close()
    (gap,) = listener.gaps
    assert (gap.after_event_id, gap.next_event_id, gap.missed) == ("feedbeef-77", events[0].event_id, 0)
    assert [event.sequence for event in listener.events] == [1, 2, 3]


async def test_too_old_an_id_gives_one_gap_with_the_number_missed(
    core: ServedCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "KEPT_EVENTS", 5)
    await _emit(core, 20)
    await core.foundation.store.sweep()
    async with core.foundation.store.read() as reader:
        epoch = reader.events.epoch
    listener = await Listener.on(core, _Request(after_event_id=f"{epoch}-3"))
    await listener.until(5)
    listener.close()
    (gap,) = listener.gaps
    assert (gap.after_event_id, gap.next_event_id, gap.missed) == (f"{epoch}-3", f"{epoch}-16", 12)
    assert [event.sequence for event in listener.events] == [16, 17, 18, 19, 20]


async def test_an_id_of_the_future_gives_a_gap_and_goes_on(core: ServedCore) -> None:
    await _emit(core, 2)
    async with core.foundation.store.read() as reader:
        epoch = reader.events.epoch
    listener = await Listener.on(core, _Request(after_event_id=f"{epoch}-99"))
    await _emit(core, 1)
    assert [event.sequence for event in await listener.until(1)] == [3]
    listener.close()
    assert [gap.after_event_id for gap in listener.gaps] == [f"{epoch}-99"]


@pytest.mark.parametrize("event_id", ["x", "-", "-1", "abc-", "abc-x", "abc-1e3", "abc--" + "9" * 30])
async def test_what_is_no_event_id_is_refused(core: ServedCore, event_id: str) -> None:
    call = _stub(core).Subscribe(_Request(after_event_id=event_id), metadata=core.metadata)
    with pytest.raises(aio.AioRpcError) as caught:
        await call.read()
    assert reason_of(caught.value) == "EVENT_ID_INVALID"


async def test_a_stuck_subscriber_gets_a_gap_and_delays_no_one(
    core: ServedCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription_module.Subscription.__init__, "__defaults__", (64,))
    stuck = await Listener.on(core, _Request())
    reading = await Listener.on(core, _Request())
    large = Custom({"text": "x" * 20_000})
    count = 600
    for _ in range(count // 20):  # more than the stuck one's queue and all transport buffers hold
        async with core.foundation.store.write() as tx:
            for _ in range(20):
                tx.emit_custom("mine:large", large, "", Priority.NORMAL)
        await reading.until(len(reading.events) + 20)
    assert [event.sequence for event in reading.events] == list(range(1, count + 1))
    assert reading.gaps == []
    reading.close()
    await stuck.until(100)
    async with asyncio.timeout(20):
        while stuck.events[-1].sequence < count:
            await stuck.until(len(stuck.events) + 1)
    stuck.close()
    (gap,) = stuck.gaps
    sequences = [event.sequence for event in stuck.events]
    assert sequences == sorted(set(sequences))
    assert gap.missed == count - len(sequences)
    before = int(gap.after_event_id.rpartition("-")[2])
    after = int(gap.next_event_id.rpartition("-")[2])
    assert after - before - 1 == gap.missed
    assert {before, after} <= set(sequences)


async def test_many_events_to_many_subscribers(core: ServedCore) -> None:
    listeners = [await Listener.on(core, _Request()) for _ in range(20)]
    for _ in range(20):
        async with core.foundation.store.write() as tx:
            for number in range(100):
                tx.emit_custom("mine:happened", Custom({"n": float(number)}), "", Priority.NORMAL)
    for listener in listeners:
        assert [event.sequence for event in await listener.until(2000)] == list(range(1, 2001))
        assert listener.gaps == []
        listener.close()


async def test_streams_end_when_the_server_stops(core: ServedCore) -> None:
    call = _stub(core).Subscribe(_Request(), metadata=core.metadata)
    assert (await call.read()).position
    core.foundation.bus.close()
    async with asyncio.timeout(5):
        assert await call.read() is aio.EOF
    assert await call.code() == grpc.StatusCode.OK


def _publish(**fields: Any) -> event_service_pb2.PublishEventRequest:
    payload = Struct()
    payload.update({"a": 1})
    return event_service_pb2.PublishEventRequest(**{"type": "mine:made", "payload": payload, **fields})


async def test_publish(core: ServedCore) -> None:
    listener = await Listener.on(core, _Request())
    answer = await _stub(core).PublishEvent(
        _publish(resource="things/1", priority=event_pb2.Event.PRIORITY_HIGH), metadata=core.metadata
    )
    assert await listener.until(1) == [answer]
    listener.close()
    assert (answer.type, answer.resource, answer.sequence) == ("mine:made", "things/1", 1)
    assert answer.custom["a"] == 1


async def test_publish_is_done_once_for_one_request_id(core: ServedCore) -> None:
    request = _publish(request_id=str(uuid.uuid4()))
    answers = await asyncio.gather(*(_stub(core).PublishEvent(request, metadata=core.metadata) for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    with pytest.raises(aio.AioRpcError) as caught:
        await _stub(core).PublishEvent(
            _publish(request_id=request.request_id, resource="other"), metadata=core.metadata
        )
    assert reason_of(caught.value) == "REQUEST_ID_REUSED"
    history = await _stub(core).ListEvents(event_service_pb2.ListEventsRequest(), metadata=core.metadata)
    assert len(history.events) == 1


async def test_callers_that_publish_together_get_their_own_events(core: ServedCore) -> None:
    answers = await asyncio.gather(
        *(_stub(core).PublishEvent(_publish(resource=f"things/{n}"), metadata=core.metadata) for n in range(300))
    )
    assert [answer.resource for answer in answers] == [f"things/{n}" for n in range(300)]
    assert {answer.sequence for answer in answers} == set(range(1, 301))
    request = event_service_pb2.ListEventsRequest(page_size=500)
    history = await _stub(core).ListEvents(request, metadata=core.metadata)
    assert list(history.events) == sorted(answers, key=lambda answer: int(answer.sequence))


async def test_a_failed_transaction_is_told_to_all_who_shared_it(core: ServedCore) -> None:
    await core.foundation.store.stop()
    calls = (_stub(core).PublishEvent(_publish(), metadata=core.metadata) for _ in range(20))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert {reason_of(error) for error in results if isinstance(error, aio.AioRpcError)} == {"DATABASE_CLOSED"}
    assert all(isinstance(error, aio.AioRpcError) for error in results)


def _nan() -> Struct:
    payload = Struct()
    payload.fields["x"].number_value = float("nan")
    return payload


def _large() -> Struct:
    payload = Struct()
    payload.update({"text": "x" * (64 * 1024)})
    return payload


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"type": "clip:created"}, "EVENT_NAMESPACE_RESERVED"),
        ({"type": "plugin:x"}, "EVENT_NAMESPACE_RESERVED"),
        ({"type": "nonsense"}, "REQUEST_INVALID"),
        ({"type": ""}, "REQUEST_INVALID"),
        ({"request_id": "no-uuid"}, "REQUEST_INVALID"),
        ({"payload": _nan()}, "EVENT_PAYLOAD_INVALID"),
        ({"payload": _large()}, "EVENT_PAYLOAD_TOO_LARGE"),
    ],
)
async def test_what_cannot_be_published(core: ServedCore, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(aio.AioRpcError) as caught:
        await _stub(core).PublishEvent(_publish(**fields), metadata=core.metadata)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(caught.value) == reason


async def test_history_in_pages(core: ServedCore) -> None:
    await _emit(core, 7)
    await _emit(core, 2, "other:happened")
    seen: list[int] = []
    token = ""
    while True:
        request = event_service_pb2.ListEventsRequest(page_size=3, page_token=token, topics=["mine:*"])
        page = await _stub(core).ListEvents(request, metadata=core.metadata)
        seen += [event.sequence for event in page.events]
        token = page.next_page_token
        if not token:
            break
    assert seen == list(range(1, 8))
    other = event_service_pb2.ListEventsRequest(page_token=_token(await _first_page(core)), topics=["other:*"])
    with pytest.raises(aio.AioRpcError) as caught:
        await _stub(core).ListEvents(other, metadata=core.metadata)
    assert reason_of(caught.value) == "PAGE_TOKEN_OTHER_FILTER"


async def _first_page(core: ServedCore) -> Any:
    return await _stub(core).ListEvents(event_service_pb2.ListEventsRequest(page_size=1), metadata=core.metadata)


def _token(page: Any) -> str:
    return str(page.next_page_token)


async def test_history_after_an_event_and_of_a_resource(core: ServedCore) -> None:
    await _emit(core, 5)
    after = (await _first_page(core)).events[0].event_id
    request = event_service_pb2.ListEventsRequest(after_event_id=after)
    page = await _stub(core).ListEvents(request, metadata=core.metadata)
    assert [event.sequence for event in page.events] == [2, 3, 4, 5]
    request = event_service_pb2.ListEventsRequest(resource="things/3")
    page = await _stub(core).ListEvents(request, metadata=core.metadata)
    assert [event.sequence for event in page.events] == [4]


async def test_history_after_an_event_of_another_database_is_refused(core: ServedCore) -> None:
    await _emit(core, 2)
    request = event_service_pb2.ListEventsRequest(after_event_id="another-1")
    with pytest.raises(aio.AioRpcError) as caught:
        await _stub(core).ListEvents(request, metadata=core.metadata)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    info = info_of(caught.value)
    assert (info.reason, info.metadata["field"]) == ("EVENT_ID_OTHER_EPOCH", "after_event_id")


async def test_event_types_are_listed(core: ServedCore) -> None:
    listed = await _stub(core).ListEventTypes(event_service_pb2.ListEventTypesRequest(), metadata=core.metadata)
    assert [kind.type for kind in listed.event_types] == sorted(EVENT_TYPES)
    stats = next(kind for kind in listed.event_types if kind.type == "capture:stats")
    assert (stats.high_volume, stats.payload_field) == (True, "stats")
    assert all(kind.summary and kind.payload_field and kind.priority for kind in listed.event_types)
