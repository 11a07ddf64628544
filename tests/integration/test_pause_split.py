"""Recordings that pause, that are split, and that one key starts and stops; all over the native core."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from clipshot.core.capture.requests import (
    SaveRequest,
    SplitRequest,
    StartRequest,
    StopRequest,
    StopWhat,
    ToggleRequest,
    ToggleWhat,
)
from clipshot.core.capture.session import Session, SessionMode, SessionState
from clipshot.core.capture.split_rule import SplitRule
from clipshot.core.clips.clip import Clip, ClipOrigin
from clipshot.core.errors import InvalidArgumentError, PreconditionError
from clipshot.core.events import payloads
from clipshot.core.idempotency import RequestKey
from clipshot.core.operations.operation import OperationState, StartRule
from clipshot.core.paging import PageRequest
from clipshot.core.store import ClipFilter, ClipOrder, OperationFilter
from tests.integration.films import film
from tests.integration.studio import SOURCE, Studio, studio_in
from tests.native import counter

FRAME = timedelta(seconds=1 / 30)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


def key(method: str) -> RequestKey:
    return RequestKey(str(uuid.uuid4()), method, "body")


async def refused(call: Awaitable[object], reason: str) -> None:
    with pytest.raises(PreconditionError) as caught:
        await call
    assert caught.value.reason == reason
    assert caught.value.remedy


async def start(studio: Studio, mode: SessionMode = SessionMode.RECORD, **more: object) -> Session:
    return await studio.capture.start_session(StartRequest(SOURCE, mode, **more), None)  # type: ignore[arg-type]


async def clips_of(studio: Studio, session: Session) -> list[Clip]:
    """The session's clips, in the order of its time, once all are made."""
    for operation in (await studio.operations.list(OperationFilter(), PageRequest(500))).items:
        ended = await studio.operations.wait(operation.operation_id)
        assert ended.state is OperationState.SUCCEEDED, ended.error
    where = ClipFilter(session_id=session.session_id)
    page = await studio.clips.list(where, ClipOrder(), PageRequest(500))
    return sorted(page.items, key=lambda clip: clip.session_start)


def counters(path: str) -> list[int]:
    return [picture.counter for picture in counter.read(path)]


async def encoded(studio: Studio) -> list[int]:
    """Counters of every picture that the session has encoded so far: what its buffer holds."""
    operation = await studio.capture.save_replay(SaveRequest("current", start=StartRule.KEYFRAME), None)
    assert operation.saved_clip is not None
    assert operation.saved_clip.actual_start == timedelta()
    return counters(operation.saved_clip.path)


async def recorded(studio: Studio, session: Session) -> list[Clip]:
    """Of the session's clips those that were recorded."""
    return [clip for clip in await clips_of(studio, session) if clip.origin is ClipOrigin.RECORDED]


def assert_all_are_there(parts: list[Clip], everything: list[int]) -> None:
    """Each picture from the first recorded one on is in exactly one of the parts."""
    shown = [each for clip in parts for each in counters(clip.path)]
    assert [each for each in shown if each <= everything[-1]] == [each for each in everything if each >= shown[0]]
    assert len(shown) > 30


async def test_a_pause_leaves_no_gap_and_the_buffer_goes_on(studio: Studio) -> None:
    session = await start(studio, SessionMode.BOTH)
    await studio.until_captured(1)
    paused = await studio.capture.pause_session(session.session_id, None)
    assert (paused.state, paused.mode) == (SessionState.PAUSED, SessionMode.BOTH)
    assert paused.recording is not None
    assert paused.recording.paused
    await studio.until_captured(2.5)
    still = await studio.capture.get_session("current")
    assert still.recording is not None
    assert still.recording.duration == paused.recording.duration
    resumed = await studio.capture.resume_session("current", None)
    assert resumed.state is SessionState.ACTIVE
    await studio.until_captured(3.5)
    replay = await studio.capture.save_replay(SaveRequest("current"), None)
    stopped = (await studio.capture.stop_session(StopRequest(session.session_id), None)).session
    (clip,) = await recorded(studio, session)
    assert replay.saved_clip is not None
    assert replay.saved_clip.duration > timedelta(seconds=3.4)
    pictures = counter.read(clip.path)
    steps = [after.ticks - before.ticks for before, after in pairwise(pictures)]
    assert max(steps) < 0.5 * counter.TIMESCALE, "the pause shows as a gap"
    kept = counters(replay.saved_clip.path)
    shown = [picture.counter for picture in pictures if picture.counter <= kept[-1]]
    left_out = [each for each in kept if shown[0] <= each not in shown]
    assert left_out == [each for each in kept if left_out[0] <= each <= left_out[-1]], "more than the pause is missing"
    assert stopped.duration - clip.duration > timedelta(seconds=1.2)
    assert clip.video.frames == len(pictures)
    told = [event.type for event in await studio.events() if event.type.startswith("capture:session_")]
    assert told == [f"capture:session_{what}" for what in ("started", "paused", "resumed", "stopped")]


async def test_pausing_twice_is_pausing_once(studio: Studio) -> None:
    session = await start(studio)
    await studio.until_captured(0.3)
    pause, resume = key("PauseSession"), key("ResumeSession")
    for _ in range(2):
        assert (await studio.capture.pause_session("current", pause)).state is SessionState.PAUSED
        assert (await studio.capture.pause_session("current", None)).state is SessionState.PAUSED
    assert len(await studio.told(payloads.SessionPaused)) == 1
    for _ in range(2):
        assert (await studio.capture.resume_session("current", resume)).state is SessionState.ACTIVE
        assert (await studio.capture.resume_session("current", None)).state is SessionState.ACTIVE
    # A repeated call is answered and not done again.
    assert (await studio.capture.pause_session("current", pause)).state is SessionState.ACTIVE
    assert len(await studio.told(payloads.SessionResumed)) == 1
    with pytest.raises(InvalidArgumentError) as caught:
        await studio.capture.pause_session(session.session_id, replace(pause, fingerprint="another body"))
    assert caught.value.reason == "REQUEST_ID_REUSED"


async def test_what_does_not_record_cannot_pause_nor_split(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.3)
    await refused(studio.capture.pause_session("current", None), "NOT_RECORDING")
    await refused(studio.capture.resume_session("current", None), "NOT_RECORDING")
    await refused(studio.capture.split_session(SplitRequest("current"), None), "NOT_RECORDING")
    with pytest.raises(InvalidArgumentError) as caught:
        await start(studio, SessionMode.REPLAY, split=SplitRule(timedelta(seconds=5)))
    assert caught.value.reason == "SPLIT_UNUSED"


async def test_a_paused_recording_can_be_stopped_and_not_split(studio: Studio) -> None:
    session = await start(studio)
    await studio.until_captured(1)
    await studio.capture.pause_session("current", None)
    await refused(studio.capture.split_session(SplitRequest("current"), None), "RECORDING_PAUSED")
    await studio.until_captured(2)
    stopped = (await studio.capture.stop_session(StopRequest(session.session_id), None)).session
    assert stopped.state is SessionState.STOPPED
    (clip,) = await clips_of(studio, session)
    assert clip.origin is ClipOrigin.RECORDED
    assert clip.duration < timedelta(seconds=1.9)
    assert film(clip.path).frames == clip.video.frames


async def test_a_split_loses_and_doubles_no_picture(studio: Studio) -> None:
    session = await start(studio, SessionMode.BOTH, title="Match")
    await studio.until_captured(1)
    again = key("SplitSession")
    first = await studio.capture.split_session(SplitRequest("current"), again)
    assert (await studio.capture.split_session(SplitRequest("current"), again)).operation_id == first.operation_id
    await studio.until_captured(2)
    second = await studio.capture.split_session(SplitRequest("current", title="Finale"), None)
    assert second.session.recording is not None
    assert second.session.recording.part == 3
    await studio.until_captured(3)
    everything = await encoded(studio)
    stopped = (await studio.capture.stop_session(StopRequest("current"), None)).session
    clips = await recorded(studio, session)
    assert [clip.title for clip in clips] == ["Match", "Match, part 2", "Finale"]
    for before, after in pairwise(clips):
        assert abs(after.session_start - (before.session_start + before.duration)) < timedelta(microseconds=50)
    assert_all_are_there(clips, everything)
    assert stopped.duration - timedelta(seconds=0.5) < sum((clip.duration for clip in clips), timedelta())
    told = await studio.told(payloads.SessionSplit)
    assert [(event.part, event.operation_id) for event in told] == [  # type: ignore[attr-defined]
        (1, first.operation_id),
        (2, second.operation_id),
    ]


@pytest.mark.parametrize("rule", [SplitRule(max_duration=timedelta(seconds=1)), SplitRule(max_size_bytes=1_500_000)])
async def test_a_recording_is_split_by_its_own_rule(studio: Studio, rule: SplitRule) -> None:
    session = await start(studio, SessionMode.BOTH, split=rule)
    assert session.recording is not None
    assert session.recording.split == rule
    async with asyncio.timeout(60):
        while len(await studio.told(payloads.SessionSplit)) < 2:
            await asyncio.sleep(0.05)
    everything = await encoded(studio)
    await studio.capture.stop_session(StopRequest("current"), None)
    clips = await recorded(studio, session)
    assert len(clips) >= 3
    assert_all_are_there(clips, everything)
    if rule.max_size_bytes is not None:
        assert all(clip.size_bytes <= rule.max_size_bytes for clip in clips)


async def test_one_key_starts_and_stops(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    on, off = key("ToggleSession"), key("ToggleSession")
    started = await studio.capture.toggle_session(ToggleRequest(), on)
    assert started.session.mode is SessionMode.BOTH
    assert (await studio.capture.toggle_session(ToggleRequest(), on)).session.mode is SessionMode.BOTH
    await studio.until_captured(1.5)
    stopped = await studio.capture.toggle_session(ToggleRequest(), off)
    assert stopped.operation_id
    assert (await studio.capture.toggle_session(ToggleRequest(), off)).operation_id == stopped.operation_id
    assert stopped.session.mode is SessionMode.REPLAY
    (clip,) = await clips_of(studio, started.session)
    assert clip.origin is ClipOrigin.RECORDED
    ended = await studio.capture.toggle_session(ToggleRequest(what=ToggleWhat.REPLAY), None)
    assert ended.session.state is SessionState.STOPPED
    again = await studio.capture.toggle_session(ToggleRequest(SOURCE, ToggleWhat.REPLAY), None)
    assert again.session.session_id != ended.session.session_id
    await studio.capture.stop_session(StopRequest("current", StopWhat.REPLAY), None)


async def test_two_presses_at_once_switch_twice(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.3)
    await asyncio.gather(*(studio.capture.toggle_session(ToggleRequest(), None) for _ in range(2)))
    assert (await studio.capture.get_session("current")).mode is SessionMode.REPLAY
