"""Replays that begin where the last one ended, that go on after the call, and that let the buffer begin anew."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from clipshot.core.capture.requests import SaveRequest, StopRequest
from clipshot.core.capture.saved_ranges import SavedRange
from clipshot.core.capture.session import SessionMode
from clipshot.core.errors import PreconditionError
from clipshot.core.events import payloads
from clipshot.core.events.selection import Selection
from clipshot.core.idempotency import RequestKey
from clipshot.core.operations.operation import Operation, OperationState, SavedClip
from tests.integration.studio import Studio, studio_in
from tests.native import counter

FRAME = timedelta(seconds=1 / 30)
SLACK = timedelta(seconds=1)
"""How late a loop on a busy machine may come to what it waits for."""


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


async def begin(studio: Studio, **options: object) -> Operation:
    return await studio.capture.save_replay(SaveRequest("current", **options), None)  # type: ignore[arg-type]


def result(operation: Operation) -> SavedClip:
    assert operation.state is OperationState.SUCCEEDED, operation.error
    assert operation.saved_clip is not None
    return operation.saved_clip


async def save(studio: Studio, **options: object) -> SavedClip:
    operation = await begin(studio, **options)
    return result(await studio.operations.wait(operation.operation_id))


def counters(saved: SavedClip) -> list[int]:
    return [picture.counter for picture in counter.read(saved.path)]


def assert_begins_anew(after: SavedClip, before: SavedClip) -> None:
    """It begins where the other ended, or with the next picture: what lasted until then is forgotten."""
    assert before.actual_end <= after.actual_start < before.actual_end + SLACK


async def test_saves_since_the_last_have_neither_overlap_nor_gap(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1)
    saves = [await save(studio, since_last_save=True)]
    for end in (1.7, 2.4, 3.5):
        await studio.until_captured(end)
        saves.append(await save(studio, since_last_save=True))
    everything = await save(studio)
    assert saves[0].actual_start == timedelta()
    for before, after in pairwise(saves):
        assert after.actual_start == before.actual_end
        assert after.overlap_with_previous == timedelta()
    # A part that begins between two pictures begins with what the screen shows then: the last one of the part before.
    shown = [each for each, _ in groupby(each for saved in saves for each in counters(saved))]
    assert shown == [each for each in counters(everything) if each <= shown[-1]]


async def test_what_was_evicted_since_the_last_save_is_said(tmp_path: Path) -> None:
    async with studio_in(tmp_path, length=timedelta(seconds=2)) as studio:
        await studio.begin(SessionMode.REPLAY, 0.6)
        first = await save(studio, since_last_save=True)
        await studio.until_captured(6)
        second = await save(studio, since_last_save=True)
    assert second.actual_start > first.actual_end
    assert second.duration < timedelta(seconds=4.5)
    assert second.overlap_with_previous == timedelta()


async def test_two_saves_at_once_share_nothing_when_each_is_since_the_last(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1.5)
    first = await begin(studio, since_last_save=True, no_wait=True)
    await studio.until_captured(2.2)
    second = await begin(studio, since_last_save=True, no_wait=True)
    one, other = [result(await studio.operations.wait(each.operation_id)) for each in (first, second)]
    assert other.actual_start == one.actual_end
    assert other.overlap_with_previous == timedelta()


async def test_a_save_that_came_to_nothing_is_not_the_last(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1)
    first = await save(studio, since_last_save=True)
    await studio.until_captured(1.8)
    given_up = await begin(studio, since_last_save=True, post_roll=timedelta(seconds=60))
    ended = await studio.operations.cancel(given_up.operation_id)
    assert ended.state is OperationState.CANCELLED
    again = await save(studio, since_last_save=True)
    assert again.actual_start == first.actual_end


async def test_nothing_new_is_said(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 1)
    running = await studio.capture._sessions.running(session.session_id)
    running.saved.add(SavedRange(timedelta(), timedelta(hours=1)))  # as if no picture had come since
    with pytest.raises(PreconditionError) as caught:
        await begin(studio, since_last_save=True, no_wait=True)
    assert caught.value.reason == "NOTHING_NEW"
    assert caught.value.remedy


async def test_a_post_roll_goes_on_after_the_call(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 2)
    with studio.bus.subscribe(Selection(event_type="operation:progress")) as subscription:
        called = (await studio.capture.get_session("current")).duration
        operation = await begin(studio, duration=timedelta(seconds=1.5), post_roll=timedelta(seconds=1.5))
        assert operation.state is OperationState.RUNNING
        saved = result(await studio.operations.wait(operation.operation_id))
        stages = set()
        while (batch := await subscription.take(0.1)) and batch.events:
            stages |= {event.payload.operation.stage for event in batch.events}  # type: ignore[attr-defined]
    assert "post_roll" in stages
    (pinned,) = await studio.told(payloads.ReplayPinned)
    assert isinstance(pinned, payloads.ReplayPinned)
    assert saved.actual_start == pinned.start
    assert pinned.end + timedelta(seconds=1.5) - 3 * FRAME <= saved.actual_end <= called + timedelta(seconds=2) + SLACK
    assert saved.fallback_reason == ""
    assert len(counters(saved)) == saved.frames
    await studio.maker.stop()
    assert list((studio.root / "temp").rglob("pins/*")) == []


async def test_the_buffer_is_held_for_a_post_roll(tmp_path: Path) -> None:
    async with studio_in(tmp_path, length=timedelta(seconds=2)) as studio:
        await studio.begin(SessionMode.REPLAY, 2.5)
        saved = await save(studio, post_roll=timedelta(seconds=4))
        assert saved.fallback_reason == ""
        assert saved.duration >= timedelta(seconds=5.9)
        shown = counters(saved)
        assert len(shown) == saved.frames
        await studio.until_captured(saved.actual_end.total_seconds() + 2.5)
        buffer = await studio.capture.get_replay_buffer("current")
        assert buffer.capacity == timedelta(seconds=2)
        assert buffer.filled < timedelta(seconds=4)


async def test_a_post_roll_that_is_cut_short_takes_what_there_is(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1.5)
    operation = await begin(studio, duration=timedelta(seconds=1), post_roll=timedelta(seconds=500))
    await studio.until_captured(2.5)
    await studio.capture.stop_session(StopRequest("current"), None)
    saved = result(await studio.operations.wait(operation.operation_id))
    assert saved.duration >= timedelta(seconds=1.9)


async def test_a_cancelled_post_roll_leaves_nothing(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1)
    operation = await begin(studio, post_roll=timedelta(seconds=500), flush=True)
    ended = await studio.operations.cancel(operation.operation_id)
    assert ended.state is OperationState.CANCELLED
    await studio.maker.stop()
    assert list((studio.root / "temp").rglob("pins/*")) == []
    assert list(studio.clips_dir.rglob("*.mp4*")) == []
    assert (await studio.capture.get_replay_buffer("current")).capacity == timedelta(seconds=20)
    assert (await save(studio)).actual_start == timedelta()


async def test_a_flushed_buffer_begins_anew_at_the_end_of_the_clip(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 2)
    first = await save(studio, flush=True)
    await studio.until_captured(3)
    second = await save(studio)
    assert_begins_anew(second, first)
    assert counters(second)[0] > counters(first)[-1]
    buffer = await studio.capture.get_replay_buffer("current")
    assert buffer.keyframes[0] > first.actual_end - timedelta(seconds=1.2), "more than the GOP of the end is kept"


async def test_a_flush_counts_from_its_call_on(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 2)
    first = await begin(studio, flush=True, no_wait=True)
    await studio.until_captured(2.7)
    second = await save(studio, duration=timedelta(seconds=10))
    assert_begins_anew(second, result(await studio.operations.wait(first.operation_id)))


async def test_a_flush_takes_nothing_from_a_save_that_still_goes_on(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1.5)
    going = await begin(studio, post_roll=timedelta(seconds=2))
    await save(studio, duration=timedelta(seconds=1), flush=True)
    saved = result(await studio.operations.wait(going.operation_id))
    assert saved.actual_start == timedelta()
    assert saved.fallback_reason == ""
    await studio.until_captured(saved.actual_end.total_seconds() + 0.5)
    assert (await save(studio)).actual_start > timedelta(seconds=1)


async def test_a_repeated_save_with_a_post_roll_is_one(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    key = RequestKey(str(uuid.uuid4()), "SaveReplay", "same")
    request = SaveRequest("current", post_roll=timedelta(seconds=0.5), game="Quake")
    operations = await asyncio.gather(*(studio.capture.save_replay(request, key) for _ in range(5)))
    assert len({operation.operation_id for operation in operations}) == 1
    saved = result(await studio.operations.wait(operations[0].operation_id))
    clip = await studio.clips.get(saved.clip_id)
    assert clip.game == "Quake"
    assert Path(clip.path).parent == studio.clips_dir / "Quake"
