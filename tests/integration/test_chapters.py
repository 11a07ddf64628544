"""Markers travel: into the facts of a clip, and into its file as chapters."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from clipshot.core.capture.requests import MarkerRequest, SaveRequest, SplitRequest, StartRequest, StopRequest
from clipshot.core.capture.session import SessionMode
from clipshot.core.clips.clip import Clip
from clipshot.core.paging import PageRequest
from clipshot.core.store import ClipFilter, ClipOrder
from tests.integration.studio import SOURCE, Studio, studio_in

FRAME = timedelta(seconds=1 / 30)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


@dataclass(frozen=True)
class Shown:
    """A chapter as ffprobe tells it."""

    start: timedelta
    title: str


async def chapters(path: str) -> list[Shown]:
    """What ffprobe says of a file."""
    process = await asyncio.create_subprocess_exec(
        "ffprobe", "-v", "error", "-show_chapters", "-of", "json", path, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return [
        Shown(timedelta(seconds=float(each["start_time"])), each["tags"]["title"])
        for each in json.loads(output)["chapters"]
    ]


async def mark(studio: Studio, label: str, at: float | None = None, length: float = 0) -> timedelta:
    """Set a marker; its session time."""
    moment = None if at is None else timedelta(seconds=at)
    marker = await studio.capture.create_marker(
        MarkerRequest("current", moment, timedelta(seconds=length), label), None
    )
    return marker.at


async def clips_of(studio: Studio) -> list[Clip]:
    page = await studio.clips.list(ClipFilter(), ClipOrder(), PageRequest(500))
    return sorted(page.items, key=lambda clip: clip.session_start)


def close(one: timedelta, other: timedelta) -> bool:
    return abs(one - other) < timedelta(milliseconds=2)


async def test_a_replay_has_the_markers_of_its_range(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 3)
    for label, at in (("Before", 0.5), ("Goal", 1.5), ("", 2.0), ("Late", 2.75)):
        await mark(studio, label, at, 0.5)
    operation = await studio.capture.save_replay(SaveRequest("current", timedelta(seconds=2)), None)
    assert operation.saved_clip is not None
    start = operation.saved_clip.actual_start
    (clip,) = await clips_of(studio)
    assert [marker.label for marker in clip.markers] == ["Goal", "", "Late"]
    for marker, at in zip(clip.markers, (1.5, 2.0, 2.75), strict=True):
        assert marker.at == timedelta(seconds=at) - start
        assert marker.kind == "user"
        assert marker.duration == min(timedelta(seconds=0.5), clip.duration - marker.at)
    shown = await chapters(clip.path)
    assert [each.title for each in shown][1::2] == ["Goal", "Late"]
    assert shown[0].start == timedelta()
    assert len(shown) == 4
    for each, marker in zip(shown[1:], clip.markers, strict=True):
        assert close(each.start, marker.at)


async def test_a_replay_without_markers_has_no_chapters(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1.5)
    await mark(studio, "Before", 0.1)
    await studio.capture.save_replay(SaveRequest("current", timedelta(seconds=0.5)), None)
    (clip,) = await clips_of(studio)
    assert clip.markers == ()
    assert await chapters(clip.path) == []


async def test_parts_and_pauses_move_the_markers_of_a_recording(studio: Studio) -> None:
    await studio.capture.start_session(StartRequest(SOURCE, SessionMode.RECORD, title="Match"), None)
    await studio.until_captured(1)
    first = await mark(studio, "First")
    await studio.until_captured(1.5)
    await studio.capture.pause_session("current", None)
    await studio.until_captured(2.5)
    await mark(studio, "While paused")
    await studio.capture.resume_session("current", None)
    await studio.until_captured(3.2)
    second = await mark(studio, "Second")
    await studio.until_captured(3.6)
    await studio.capture.split_session(SplitRequest("current"), None)
    await studio.until_captured(4.2)
    third = await mark(studio, "Third")
    await studio.until_captured(4.6)
    await studio.capture.stop_session(StopRequest("current"), None)
    await studio.recovery.finished()
    clips = await clips_of(studio)
    while len(clips) < 2:
        await asyncio.sleep(0.05)
        clips = await clips_of(studio)
    one, other = clips
    assert [marker.label for marker in one.markers] == ["First", "Second"]
    assert [marker.label for marker in other.markers] == ["Third"]
    assert one.markers[0].at == first - one.session_start
    left_out = (second - one.session_start) - one.markers[1].at
    assert timedelta(seconds=0.9) < left_out < timedelta(seconds=2.2)
    assert other.markers[0].at == third - other.session_start
    for clip in clips:
        shown = [each for each in await chapters(clip.path) if each.title != "Start"]
        assert [each.title for each in shown] == [marker.label for marker in clip.markers]
        for each, marker in zip(shown, clip.markers, strict=True):
            assert abs(each.start - marker.at) < 4 * FRAME
