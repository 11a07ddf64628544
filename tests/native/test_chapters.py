"""Chapters and titles, as ffprobe lists them."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.waiting import until

SECOND = native.TIMESCALE

pytestmark = pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")


def probe(path: Path) -> tuple[list[tuple[float, str]], str, list[str]]:
    """Start and title of each chapter, the file's title, and what kinds of tracks there are."""
    command = ["ffprobe", "-v", "error", "-show_chapters", "-show_format", "-show_streams", "-of", "json", str(path)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    chapters = [(round(float(one["start_time"]), 2), one["tags"]["title"]) for one in found["chapters"]]
    title = found["format"].get("tags", {}).get("title", "")
    return chapters, title, [stream["codec_type"] for stream in found["streams"]]


async def test_a_clip_has_its_chapters(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    session.start_ring(str(tmp_path / "ring"), 60.0, 0)
    await until(lambda: session.ring_status().filled_ticks >= 2 * SECOND, "the ring fills")
    pin = await session.pin(str(tmp_path / "pin"), 1.5, b"")
    begin = pin.start_ticks
    chapters = [
        (begin + SECOND, begin + SECOND, "Runde 2: Käse"),
        (begin - SECOND, begin + SECOND // 2, "kick-off"),
        (begin + SECOND // 2, begin + SECOND, ""),
        (begin - 2 * SECOND, begin - SECOND, "long ago"),
    ]
    await pin.save(str(tmp_path / "clip.mp4"), chapters=chapters, title="A clip").result()
    found, title, tracks = probe(tmp_path / "clip.mp4")
    assert found == [(0.0, "kick-off"), (0.5, "Chapter 2"), (1.0, "Runde 2: Käse")]
    assert title == "A clip"
    assert tracks == ["video", "data"]
    await pin.save(str(tmp_path / "none.mp4")).result()
    assert probe(tmp_path / "none.mp4") == ([], "", ["video"])
    assert counter.read(tmp_path / "clip.mp4") == counter.read(tmp_path / "none.mp4")


async def test_a_paused_recording_has_them_in_their_place(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await session.start_recording(str(tmp_path / "a.mp4"))
    await until(lambda: session.stats().recording_ticks >= SECOND, "the recording grows")
    await session.pause_recording()
    paused_at, length = session.stats().last_pts_ticks, session.stats().recording_ticks
    await until(lambda: session.stats().last_pts_ticks >= paused_at + SECOND, "the session goes on")
    await session.resume_recording()
    resumed_at = session.stats().last_pts_ticks
    await until(lambda: session.stats().last_pts_ticks >= resumed_at + SECOND, "the session goes on")
    await session.stop_recording()
    chapters = [(0, 0, "begin"), (paused_at + SECOND // 2, 0, "in the pause"), (resumed_at + SECOND // 2, 0, "after")]
    result = await native.recover_recording(
        str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4"), chapters=chapters, title="evening"
    ).result()
    found, title, _ = probe(tmp_path / "b.mp4")
    assert [name for _, name in found] == ["begin", "in the pause", "after"]
    assert title == "evening"
    at_pause = length / SECOND
    assert found[1][0] == pytest.approx(at_pause, abs=0.02)
    assert found[2][0] == pytest.approx(at_pause + 0.5, abs=0.1)
    assert result.end_pts_ticks - result.first_pts_ticks <= length + 1.5 * SECOND
