"""The database: what goes in comes out, transactions are all or nothing, and events have their place in them."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clipshot.core.capture.marker import Marker
from clipshot.core.capture.session import Session, SessionState
from clipshot.core.clips.clip import Clip, ClipOrigin, ClipState
from clipshot.core.errors import PreconditionError, UnavailableError
from clipshot.core.events.event import Event, Priority
from clipshot.core.events.payloads import ClipCreated, Custom, Payload, StatsReported, SystemStarted
from clipshot.core.operations.operation import Operation, OperationState
from clipshot.core.paging import Keyset
from clipshot.core.store import ClipFilter, ClipOrder, EventFilter, OperationFilter, SessionFilter
from clipshot.store import store as store_module
from clipshot.store.codec import microseconds
from clipshot.store.migrator import HEAD, prepare
from clipshot.store.tables import metadata
from tests.core_parts import Foundation
from tests.samples import PAYLOAD_CLASSES, Sampler, sample

_T0 = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Foundation]:
    async with Foundation(tmp_path / "clipshot.db") as parts:
        yield parts


async def test_every_aggregate_comes_back(parts: Foundation) -> None:
    sampler = Sampler()
    session, marker = sampler.make(Session), sampler.make(Marker)
    operation, clip = sampler.make(Operation), sampler.make(Clip)
    async with parts.store.write() as tx:
        await tx.sessions.put(session)
        await tx.markers.put(marker)
        await tx.operations.put(operation)
        await tx.clips.put(clip)
    async with parts.store.read() as reader:
        assert await reader.sessions.get(session.session_id) == session
        assert await reader.markers.get(marker.session_id, marker.marker_id) == marker
        assert await reader.operations.get(operation.operation_id) == operation
        assert await reader.clips.get(clip.clip_id) == clip
        assert await reader.markers.get("other", marker.marker_id) is None


async def test_put_replaces(parts: Foundation) -> None:
    clip = sample(Clip)
    changed = replace(clip, title="New", tags=("one",), expire_time=None)
    async with parts.store.write() as tx:
        await tx.clips.put(clip)
        await tx.clips.put(changed)
    async with parts.store.read() as reader:
        assert await reader.clips.get(clip.clip_id) == changed
        by_tag = [
            await reader.clips.page(ClipFilter(tags=(tag,)), ClipOrder(), None, 9) for tag in ("one", clip.tags[0])
        ]
    assert [len(found) for found in by_tag] == [1, 0]


@pytest.mark.parametrize("kind", PAYLOAD_CLASSES, ids=lambda kind: kind.__name__)
async def test_every_event_comes_back(parts: Foundation, kind: type[Payload]) -> None:
    payload = sample(kind)
    async with parts.store.write() as tx:
        if isinstance(payload, Custom):
            told = tx.emit_custom("mine:x", payload, "things/1", Priority.HIGH)
        elif kind.__name__ in ("StatsReported", "OperationProgress"):
            with pytest.raises(ValueError, match="not stored"):
                tx.emit(payload, "things/1")
            return
        else:
            told = tx.emit(payload, "things/1")
    async with parts.store.read() as reader:
        assert list(await reader.events.page(EventFilter(), 9)) == [told]


async def test_a_failed_transaction_leaves_neither_change_nor_event_nor_number(parts: Foundation) -> None:
    clip = sample(Clip)
    called: list[str] = []

    async def fail() -> None:
        async with parts.store.write() as tx:
            await tx.clips.put(clip)
            tx.emit(ClipCreated(clip), f"clips/{clip.clip_id}")
            tx.on_commit(lambda: called.append("committed"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with parts.store.read() as reader:
        assert await reader.clips.get(clip.clip_id) is None
        assert await reader.events.bounds() == (0, 0)
    async with parts.store.write() as tx:
        assert tx.emit(ClipCreated(clip), "").sequence == 1
    assert called == []


async def test_events_are_told_after_the_commit_in_order(tmp_path: Path) -> None:
    told: list[str] = []
    store = store_module.SqliteStore(
        tmp_path / "x.db", lambda: _T0, lambda events: told.extend(event.type for event in events)
    )
    await store.start()
    async with store.write() as tx:
        tx.emit(SystemStarted("1", False), "system")
        tx.emit_custom("mine:x", Custom(), "", Priority.LOW)
        tx.on_commit(lambda: told.append("committed"))
        assert told == []
    assert told == ["committed", "system:started", "mine:x"]
    await store.stop()


async def test_a_cancelled_transaction_is_whole_or_not_there(parts: Foundation) -> None:
    """Cancel at every moment: rows and events agree, numbers have no holes, and the store goes on."""
    heard: list[Event] = []
    store = store_module.SqliteStore(parts.path.with_name("other.db"), lambda: _T0, heard.extend)
    await store.start()
    clips = [replace(sample(Clip), clip_id=f"clp_{number}", expire_time=None) for number in range(60)]

    async def make(clip: Clip) -> None:
        async with store.write() as tx:
            await tx.clips.put(clip)
            tx.emit(ClipCreated(clip), clip.clip_id)

    began = time.monotonic()
    await make(clips[0])
    longest = 1.5 * (time.monotonic() - began)
    for number, clip in enumerate(clips):
        task = asyncio.create_task(make(clip))
        await asyncio.sleep(longest * number / len(clips))
        asked = task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() is asked, "the cancellation itself was lost"
    async with store.read() as reader:
        there = {clip.clip_id for clip in await reader.clips.page(ClipFilter(), ClipOrder(), None, 100)}
        events = await reader.events.page(EventFilter(), 100)
    await store.stop()
    assert there == {event.resource for event in events}
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert heard == list(events)
    assert 0 < len(there) < len(clips)


async def test_writers_wait_for_each_other(parts: Foundation) -> None:
    async def one(number: int) -> None:
        async with parts.store.write() as tx:
            tx.emit_custom("mine:x", Custom({"n": float(number)}), "", Priority.LOW)
            await asyncio.sleep(0)

    await asyncio.gather(*(one(number) for number in range(50)))
    async with parts.store.read() as reader:
        assert await reader.events.bounds() == (1, 50)


async def test_readers_see_a_consistent_view_beside_a_writer(parts: Foundation) -> None:
    async with parts.store.read() as reader:
        assert await reader.events.bounds() == (0, 0)
        async with parts.store.write() as tx:
            tx.emit(SystemStarted("1", False), "system")
        assert await reader.events.bounds() == (0, 0)


async def test_readers_cannot_write(parts: Foundation) -> None:
    async with parts.store.read() as reader:
        with pytest.raises(UnavailableError, match="readonly"):
            await reader.sessions.put(sample(Session))


async def test_the_epoch_stays_with_the_database(tmp_path: Path) -> None:
    epochs = []
    for name in ("a.db", "a.db", "b.db"):
        async with Foundation(tmp_path / name) as parts, parts.store.read() as reader:
            epochs.append(reader.events.epoch)
    assert epochs[0] == epochs[1] != epochs[2]


async def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    sequences = []
    for _ in range(2):
        async with Foundation(tmp_path / "a.db") as parts, parts.store.write() as tx:
            sequences.append(tx.emit(SystemStarted("1", False), "system").sequence)
    assert sequences == [1, 2]


async def test_old_events_and_requests_are_swept(parts: Foundation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEPT_EVENTS", 10)
    async with parts.store.write() as tx:
        for number in range(25):
            tx.emit_custom("mine:x", Custom({"n": float(number)}), "", Priority.LOW)
    await parts.store.sweep()
    async with parts.store.read() as reader:
        assert await reader.events.bounds() == (16, 25)


async def test_sessions_and_operations_are_newest_first_in_pages(parts: Foundation) -> None:
    sessions = [replace(sample(Session), session_id=f"ses_{n}", state=list(SessionState)[n % 2]) for n in range(5)]
    operations = [
        replace(sample(Operation), operation_id=f"op_{n}", state=OperationState.RUNNING, kind=f"kind{n % 2}")
        for n in range(5)
    ]
    async with parts.store.write() as tx:
        for session in sessions:
            await tx.sessions.put(session)
        for operation in operations:
            await tx.operations.put(operation)
    async with parts.store.read() as reader:
        first = await reader.sessions.page(SessionFilter(), None, 2)
        second = await reader.sessions.page(SessionFilter(), Keyset.at(first[-1].session_id, first[-1].session_id), 9)
        starting = await reader.sessions.page(SessionFilter((SessionState.STARTING,)), None, 9)
        odd = await reader.operations.page(OperationFilter((OperationState.RUNNING,), "kind1"), None, 9)
    assert [s.session_id for s in (*first, *second)] == [f"ses_{n}" for n in (4, 3, 2, 1, 0)]
    assert [s.session_id for s in starting] == ["ses_4", "ses_2", "ses_0"]
    assert [o.operation_id for o in odd] == ["op_3", "op_1"]


async def test_markers_are_in_session_time(parts: Foundation) -> None:
    times = [3, 1, 1, 2]
    markers = [
        replace(sample(Marker), marker_id=f"mrk_{n}", session_id="ses", at=timedelta(seconds=at))
        for n, at in enumerate(times)
    ]
    async with parts.store.write() as tx:
        for marker in markers:
            await tx.markers.put(marker)
        await tx.markers.remove("mrk_3")
    async with parts.store.read() as reader:
        first = await reader.markers.page("ses", None, 1)
        rest = await reader.markers.page("ses", Keyset.at(first[0].at, first[0].marker_id), 9)
    assert [m.marker_id for m in (*first, *rest)] == ["mrk_1", "mrk_2", "mrk_0"]


def _library() -> list[Clip]:
    return [
        replace(
            sample(Clip),
            clip_id=f"clp_{n:03}",
            session_id=f"ses_{n % 3}",
            origin=list(ClipOrigin)[n % 3],
            title=("Boss", "alpha", "Ünïque Zeta", "beta")[n % 4] + f" {n % 5}",
            description=f"round {n}",
            tags=(("fun", f"t{n % 7}") if n % 2 else ()),
            create_time=_T0 + timedelta(hours=n // 2),  # ties
            duration=timedelta(seconds=n % 6),
            size_bytes=1000 * (n % 8),
            favourite=n % 5 == 0,
            damaged=n % 11 == 1,
            expire_time=_T0 + timedelta(days=n) if n % 10 == 3 else None,
        )
        for n in range(40)
    ]


def _state(clip: Clip) -> ClipState:
    return clip.state


_FILTERS: dict[str, tuple[ClipFilter, Any]] = {
    "nothing": (ClipFilter(), lambda c: c.state is not ClipState.TRASHED),
    "trashed": (ClipFilter(states=(ClipState.TRASHED,)), lambda c: c.state is ClipState.TRASHED),
    "damaged": (ClipFilter(states=(ClipState.DAMAGED,)), lambda c: c.state is ClipState.DAMAGED),
    "ready or trashed": (
        ClipFilter(states=(ClipState.READY, ClipState.TRASHED)),
        lambda c: c.state in (ClipState.READY, ClipState.TRASHED),
    ),
    "origin": (ClipFilter(origins=(ClipOrigin.REPLAY,)), lambda c: c.origin is ClipOrigin.REPLAY),
    "one tag": (ClipFilter(tags=("fun",)), lambda c: "fun" in c.tags),
    "two tags": (ClipFilter(tags=("fun", "t3")), lambda c: {"fun", "t3"} <= set(c.tags)),
    "favourite": (ClipFilter(favourite=True), lambda c: c.favourite),
    "no favourite": (ClipFilter(favourite=False), lambda c: not c.favourite),
    "session": (ClipFilter(session_id="ses_1"), lambda c: c.session_id == "ses_1"),
    "after": (ClipFilter(created_after=_T0 + timedelta(hours=9)), lambda c: c.create_time >= _T0 + timedelta(hours=9)),
    "before": (ClipFilter(created_before=_T0 + timedelta(hours=9)), lambda c: c.create_time < _T0 + timedelta(hours=9)),
    "long": (ClipFilter(min_duration=timedelta(seconds=3)), lambda c: c.duration >= timedelta(seconds=3)),
    "short": (ClipFilter(max_duration=timedelta()), lambda c: c.duration <= timedelta()),
    "title": (ClipFilter(text="boss"), lambda c: "boss" in c.title.lower()),
    "case of letters beyond ASCII": (ClipFilter(text="ÜNÏQUE z"), lambda c: "ünïque z" in c.title.casefold()),
    "description": (ClipFilter(text="ound 17"), lambda c: c.description == "round 17"),
    "tag as text": (ClipFilter(text="FUN"), lambda c: "fun" in c.tags),
    "two letters": (ClipFilter(text="T3"), lambda c: "t3" in c.tags),
    "quotes and operators": (ClipFilter(text='"boss" OR *'), lambda c: False),
    "all at once": (
        ClipFilter(origins=(ClipOrigin.RECORDED,), favourite=False, text="round", min_duration=timedelta(seconds=1)),
        lambda c: c.origin is ClipOrigin.RECORDED and not c.favourite and c.duration >= timedelta(seconds=1),
    ),
}


@pytest.mark.parametrize("name", _FILTERS)
@pytest.mark.parametrize("many_matches", [False, True], ids=["text index", "walk"])
async def test_filters(parts: Foundation, name: str, many_matches: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if many_matches:
        monkeypatch.setattr("clipshot.store.repositories.clips.INDEXED_MATCHES", 0)
    library = _library()
    async with parts.store.write() as tx:
        for clip in library:
            await tx.clips.put(clip)
    where, passes = _FILTERS[name]
    async with parts.store.read() as reader:
        found = await reader.clips.page(where, ClipOrder(), None, 100)
    trashed_too = ClipState.TRASHED in where.states
    expected = [c for c in library if passes(c) and (trashed_too or _state(c) is not ClipState.TRASHED)]
    assert {clip.clip_id for clip in found} == {clip.clip_id for clip in expected}


_KEYS: dict[str, Any] = {
    "create_time": lambda c: c.create_time,
    "duration": lambda c: c.duration,
    "size_bytes": lambda c: c.size_bytes,
    "title": lambda c: c.title.lower(),
}


@pytest.mark.parametrize("field", _KEYS)
@pytest.mark.parametrize("descending", [True, False])
async def test_orders_in_pages(parts: Foundation, field: str, descending: bool) -> None:
    library = [replace(clip, expire_time=None) for clip in _library()]
    async with parts.store.write() as tx:
        for clip in library:
            await tx.clips.put(clip)
    order = ClipOrder(field, descending)
    seen: list[Clip] = []
    after = None
    async with parts.store.read() as reader:
        while found := await reader.clips.page(ClipFilter(), order, after, 7):
            seen += found
            after = Keyset.at(getattr(found[-1], field), found[-1].clip_id)
    expected = sorted(library, key=lambda c: (_KEYS[field](c), c.clip_id), reverse=descending)
    assert [clip.clip_id for clip in seen] == [clip.clip_id for clip in expected]


async def test_trash_by_expiry(parts: Foundation) -> None:
    async with parts.store.write() as tx:
        for clip in _library():
            await tx.clips.put(clip)
        expired: Sequence[Clip] = await tx.clips.trashed(_T0 + timedelta(days=14))
        assert [clip.clip_id for clip in expired] == ["clp_003", "clp_013"]
        assert len(await tx.clips.trashed()) == 4
        await tx.clips.remove("clp_003")
        assert len(await tx.clips.trashed()) == 3


async def test_a_damaged_database_is_set_aside_and_told(tmp_path: Path) -> None:
    path = tmp_path / "clipshot.db"
    path.write_bytes(b"this is no database" * 1000)
    async with Foundation(path) as parts, parts.store.read() as reader:
        (event,) = await reader.events.page(EventFilter(), 9)
    aside = [entry for entry in tmp_path.iterdir() if ".damaged-" in entry.name]
    assert [entry.read_bytes() for entry in aside] == [b"this is no database" * 1000]
    assert event.type == "system:degraded"
    assert str(aside[0]) in getattr(event.payload, "detail", "")


async def test_damage_inside_is_found_and_everything_kept(tmp_path: Path) -> None:
    path = tmp_path / "clipshot.db"
    async with Foundation(path) as parts, parts.store.write() as tx:
        for clip in _library():
            await tx.clips.put(clip)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[4096 : len(damaged) // 2] = b"\xff" * (len(damaged) // 2 - 4096)
    path.write_bytes(damaged)
    Path(f"{path}-wal").write_bytes(b"left over")
    async with Foundation(path) as parts, parts.store.read() as reader:
        assert await reader.clips.page(ClipFilter(), ClipOrder(), None, 9) == []
    aside = {
        entry.name.rpartition("Z")[2]: entry.read_bytes() for entry in tmp_path.iterdir() if "damaged" in entry.name
    }
    aside.pop("-shm", None)  # SQLite's own, made by looking
    assert aside == {"": bytes(damaged), "-wal": b"left over"}


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "clipshot.db"
    prepare(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(PreconditionError) as caught:
        prepare(path)
    assert caught.value.reason == "DATABASE_TOO_NEW"
    assert [entry.name for entry in tmp_path.iterdir()] == ["clipshot.db"]


def test_migrations_make_the_tables_of_the_code(tmp_path: Path) -> None:
    path = tmp_path / "clipshot.db"
    prepare(path)
    connection = sqlite3.connect(path)
    for table in metadata.sorted_tables:
        columns = {
            row[1]: (row[2], bool(row[3])) for row in connection.execute(f"PRAGMA table_info({table.name})").fetchall()
        }
        ours = {
            column.name: (column.type.compile(), not column.nullable or bool(column.primary_key)) for column in table.c
        }
        assert {name: kind.partition(" COLLATE")[0] for name, (kind, _) in ours.items()} == {
            name: kind for name, (kind, _) in columns.items()
        }
        indexes = {row[1] for row in connection.execute(f"PRAGMA index_list({table.name})") if row[3] == "c"}
        assert indexes == {index.name for index in table.indexes}
    connection.close()


def test_the_newest_migration_is_the_head() -> None:
    folder = Path(store_module.__file__).parent / "migrations" / "versions"
    assert max(entry.name[1:5] for entry in folder.glob("r*.py")) == HEAD


async def test_health_tells_a_database_that_cannot_be_written(parts: Foundation) -> None:
    await parts.store.check()
    await parts.store.stop()
    with pytest.raises(UnavailableError):
        await parts.store.check()


def test_times_are_exact() -> None:
    assert microseconds(datetime(2026, 11, 24, 1, 2, 3, 456789, tzinfo=UTC)) % 1_000_000 == 456789
    assert sample(StatsReported) == sample(StatsReported)
