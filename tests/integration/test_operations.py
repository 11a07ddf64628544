"""Operations: their end and its result are one, they can be watched and cancelled, and a restart loses none silently."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from clipshot.core.clips.clip import Clip
from clipshot.core.errors import ConflictError, NotFoundError, PreconditionError, UnavailableError
from clipshot.core.events.event import Event
from clipshot.core.events.payloads import ClipCreated, OperationFinished, OperationProgress
from clipshot.core.events.selection import Selection
from clipshot.core.operations.operation import Operation, OperationState, SavedClip
from clipshot.core.operations.work import Completion, Progress, Work
from clipshot.core.paging import PageRequest
from clipshot.core.store import EventFilter, OperationFilter, Transaction
from tests.core_parts import Foundation, request_key
from tests.samples import sample

_CLIP = replace(sample(Clip), clip_id="clp_1")


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Foundation]:
    async with Foundation(tmp_path / "clipshot.db") as parts:
        yield parts


async def _write(tx: Transaction) -> None:
    await tx.clips.put(_CLIP)
    tx.emit(ClipCreated(_CLIP), "clips/clp_1")


async def _save(progress: Progress) -> Completion:
    await progress.report(0.5, "writing")
    return Completion(sample(SavedClip, clip_id="clp_1"), _write)


async def _never(progress: Progress) -> Completion:
    await progress.report(0.1, "waiting")
    await asyncio.Event().wait()
    raise AssertionError


async def _events(parts: Foundation) -> list[Event]:
    async with parts.store.read() as reader:
        return list(await reader.events.page(EventFilter(), 100))


async def test_the_result_and_the_end_are_one_transaction(parts: Foundation) -> None:
    started = await parts.operations.start("save_replay", "sessions/s", _save)
    assert (started.state, started.kind) == (OperationState.RUNNING, "save_replay")
    ended = await parts.operations.wait(started.operation_id)
    assert (ended.state, ended.progress, ended.stage) == (OperationState.SUCCEEDED, 1.0, "writing")
    assert ended.saved_clip
    assert ended.end_time
    assert [event.type for event in await _events(parts)] == [
        "operation:started",
        "clip:created",
        "operation:finished",
    ]
    async with parts.store.read() as reader:
        assert await reader.operations.get(started.operation_id) == ended
        assert await reader.clips.get("clp_1") == _CLIP


async def test_a_result_that_cannot_be_written_leaves_nothing_and_fails(parts: Foundation) -> None:
    async def write(tx: Transaction) -> None:
        await _write(tx)
        raise ConflictError("ETAG_MISMATCH", "changed")

    async def work(progress: Progress) -> Completion:
        return Completion(None, write)

    started = await parts.operations.start("save_replay", "", work)
    ended = await parts.operations.wait(started.operation_id)
    assert ended.state is OperationState.FAILED
    assert ended.error
    assert ended.error.reason == "ETAG_MISMATCH"
    assert [event.type for event in await _events(parts)] == ["operation:started", "operation:finished"]


async def test_an_error_of_the_work_is_the_operations(parts: Foundation) -> None:
    async def work(progress: Progress) -> Completion:
        raise PreconditionError("NO_DISPLAY", "there is none", remedy="start one")

    ended = await parts.operations.wait((await parts.operations.start("x", "", work)).operation_id)
    assert ended.state is OperationState.FAILED
    assert ended.error
    assert (ended.error.reason, ended.error.metadata["remedy"]) == ("NO_DISPLAY", "start one")


async def test_a_fault_of_the_work_tells_no_details(parts: Foundation) -> None:
    async def work(progress: Progress) -> Completion:
        raise RuntimeError("secret details")

    ended = await parts.operations.wait((await parts.operations.start("x", "", work)).operation_id)
    assert ended.error
    assert ended.error.reason == "INTERNAL"
    assert "secret" not in ended.error.message


async def test_a_failure_hook_writes_into_the_same_transaction(parts: Foundation) -> None:
    async def work(progress: Progress) -> Completion:
        raise PreconditionError("NO_DISPLAY", "there is none")

    async def hook(tx: Transaction, operation: Operation) -> None:
        assert operation.error
        await _write(tx)

    started = await parts.operations.start("x", "", work, on_failure=hook)
    await parts.operations.wait(started.operation_id)
    assert [event.type for event in await _events(parts)][1:] == ["clip:created", "operation:finished"]


async def test_whoever_hears_of_the_end_finds_it(parts: Foundation) -> None:
    with parts.bus.subscribe(Selection(event_type="operation:finished")) as heard:
        started = await parts.operations.start("x", "", _save)
        batch = await heard.take(5)
        assert batch
        found = await parts.operations.get(started.operation_id)
    assert found.state is OperationState.SUCCEEDED
    assert isinstance(batch.events[0].payload, OperationFinished)
    assert batch.events[0].payload.operation == found


async def test_cancel_stops_within_a_second(parts: Foundation) -> None:
    started = await parts.operations.start("x", "", _never)
    began = time.monotonic()
    ended = await parts.operations.cancel(started.operation_id)
    assert time.monotonic() - began < 1
    assert ended.state is OperationState.CANCELLED
    assert ended.error
    assert ended.error.reason == "OPERATION_CANCELLED"


async def test_work_that_does_not_heed_is_left_behind(parts: Foundation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clipshot.core.operations.running.CANCEL_SECONDS", 0.05)
    go_on = asyncio.Event()

    async def stubborn(progress: Progress) -> Completion:
        while not go_on.is_set():
            try:
                await go_on.wait()
            except asyncio.CancelledError:
                assert progress.cancel_requested.is_set()
        return Completion(None, _write)

    started = await parts.operations.start("x", "", stubborn)
    await asyncio.sleep(0)
    ended = await parts.operations.cancel(started.operation_id)
    assert ended.state is OperationState.CANCELLED
    go_on.set()
    await asyncio.sleep(0.01)
    assert "clip:created" not in [event.type for event in await _events(parts)]


async def test_work_that_was_done_when_cancelled_succeeds(parts: Foundation) -> None:
    started = await parts.operations.start("x", "", _save)
    await parts.operations.wait(started.operation_id)
    assert (await parts.operations.cancel(started.operation_id)).state is OperationState.SUCCEEDED


async def test_watching_shows_each_stage_and_the_end(parts: Foundation) -> None:
    async def work(progress: Progress) -> Completion:
        for share, stage in ((0.1, "pinned"), (0.5, "writing"), (0.4, "checking")):
            await progress.report(share, stage)
            await asyncio.sleep(0.01)
        return Completion()

    started = await parts.operations.start("x", "", work)
    seen = [operation async for operation in parts.operations.watch(started.operation_id)]
    stages = list(dict.fromkeys(operation.stage for operation in seen))
    assert stages[-3:] == ["pinned", "writing", "checking"]
    assert [operation.progress for operation in seen] == sorted(operation.progress for operation in seen)
    assert [operation.state.ended for operation in seen] == [False] * (len(seen) - 1) + [True]


async def test_progress_is_throttled_but_a_new_stage_is_told(parts: Foundation) -> None:
    async def work(progress: Progress) -> Completion:
        for number in range(500):
            await progress.report(number / 500, "writing")
        await progress.report(1.0, "syncing")
        return Completion()

    with parts.bus.subscribe(Selection(event_type="operation:progress")) as heard:
        await parts.operations.wait((await parts.operations.start("x", "", work)).operation_id)
        batch = await heard.take(5)
    assert batch
    payloads = [event.payload for event in batch.events]
    assert len(payloads) < 100
    assert isinstance(payloads[-1], OperationProgress)
    assert payloads[-1].operation.stage == "syncing"


async def test_twins_get_the_same_operation(parts: Foundation) -> None:
    key = request_key()
    twins = await asyncio.gather(*(parts.operations.start("x", "", _save, key=key) for _ in range(20)))
    assert len({operation.operation_id for operation in twins}) == 1
    await parts.operations.wait(twins[0].operation_id)
    assert [event.type for event in await _events(parts)].count("clip:created") == 1


async def test_it_begins_with_the_callers_transaction_or_not_at_all(parts: Foundation) -> None:
    begun: list[str] = []

    async def work(progress: Progress) -> Completion:
        begun.append(progress.operation_id)
        return Completion()

    async def start_and_fail() -> None:
        async with parts.store.write() as tx:
            await parts.operations.start("x", "", work, tx=tx)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await start_and_fail()
    async with parts.store.write() as tx:
        operation = await parts.operations.start("x", "", work, tx=tx)
        assert begun == []
    await parts.operations.wait(operation.operation_id)
    assert begun == [operation.operation_id]


async def test_lists_show_what_runs_as_it_stands(parts: Foundation) -> None:
    running = await parts.operations.start("x", "", _never)
    await asyncio.sleep(0.01)
    page = await parts.operations.list(OperationFilter((OperationState.RUNNING,)), PageRequest())
    assert [(o.operation_id, o.stage) for o in page.items] == [(running.operation_id, "waiting")]
    with pytest.raises(NotFoundError):
        await parts.operations.get("op_unknown")


async def _interrupted(tmp_path: Path, kind: str) -> str:
    """An operation that a crash left running."""
    async with Foundation(tmp_path / "clipshot.db") as parts:
        operation = replace(sample(Operation), state=OperationState.RUNNING, kind=kind, error=None, saved_clip=None)
        async with parts.store.write() as tx:
            await tx.operations.put(operation)
        return operation.operation_id


async def test_after_a_crash_it_is_failed_with_a_reason(tmp_path: Path) -> None:
    operation_id = await _interrupted(tmp_path, "x")
    async with Foundation(tmp_path / "clipshot.db") as parts:
        await parts.operations.resume_or_fail()
        operation = await parts.operations.get(operation_id)
        events = await _events(parts)
    assert operation.state is OperationState.FAILED
    assert operation.error
    assert operation.error.reason == "SERVER_RESTARTED"
    assert [event.type for event in events] == ["operation:finished"]


@pytest.mark.parametrize("work", [_save, None])
async def test_after_a_crash_a_resumer_finishes_it_or_cannot(tmp_path: Path, work: Work | None) -> None:
    operation_id = await _interrupted(tmp_path, "save_replay")

    async def resume(operation: Operation) -> Work | None:
        assert operation.operation_id == operation_id
        return work

    async with Foundation(tmp_path / "clipshot.db") as parts:
        parts.operations.register_resumer("save_replay", resume)
        await parts.operations.resume_or_fail()
        operation = await parts.operations.wait(operation_id)
    assert operation.state is (OperationState.SUCCEEDED if work else OperationState.FAILED)


async def test_stopping_waits_then_fails_what_is_late_and_takes_nothing_new(tmp_path: Path) -> None:
    async def quick(progress: Progress) -> Completion:
        await asyncio.sleep(0.05)
        return Completion()

    async with Foundation(tmp_path / "clipshot.db") as parts:
        short = await parts.operations.start("x", "", quick)
        late = await parts.operations.start("x", "", _never)
        await parts.operations.stop(0.2)
        with pytest.raises(UnavailableError):
            await parts.operations.start("x", "", quick)
        states = [await parts.operations.get(o.operation_id) for o in (short, late)]
    assert [operation.state for operation in states] == [OperationState.SUCCEEDED, OperationState.FAILED]
    assert states[1].error
    assert states[1].error.reason == "SERVER_STOPPED"


async def test_what_can_be_resumed_stays_open_over_a_stop(tmp_path: Path) -> None:
    async def resume(operation: Operation) -> Work | None:
        return _save

    async with Foundation(tmp_path / "clipshot.db") as parts:
        parts.operations.register_resumer("save_replay", resume)
        started = await parts.operations.start("save_replay", "", _never)
        await parts.operations.stop(0)
    async with Foundation(tmp_path / "clipshot.db") as parts:
        parts.operations.register_resumer("save_replay", resume)
        await parts.operations.resume_or_fail()
        assert (await parts.operations.wait(started.operation_id)).state is OperationState.SUCCEEDED
