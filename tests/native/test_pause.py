"""A recording that is paused and resumed: one file without a gap, also after a kill."""

import asyncio
import signal
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.display import painting, xvfb
from tests.native.waiting import until

SECOND = native.TIMESCALE
SLOT = SECOND // 60


async def grown(session: native.Session, ticks: int) -> None:
    """The recording has this much more than now."""
    goal = session.stats().recording_ticks + ticks
    await until(lambda: session.stats().recording_ticks >= goal, "the recording grows")


async def passed(session: native.Session, ticks: int) -> None:
    """The session has gone on for as long."""
    goal = session.stats().last_pts_ticks + ticks
    await until(lambda: session.stats().last_pts_ticks >= goal, "the session goes on")


def length(pictures: list[counter.Picture]) -> int:
    """Ticks from the first picture to the end of the last."""
    return pictures[-1].ticks - pictures[0].ticks + SLOT


def same_from_start(plain: list[counter.Picture], grown: list[counter.Picture]) -> bool:
    """The finished file begins at 0, else it is the same."""
    return plain == [replace(picture, ticks=picture.ticks - grown[0].ticks) for picture in grown]


def check_joints(pictures: list[counter.Picture], pauses: int) -> None:
    """Counters rise with the times, but for the pauses, where only the counter jumps."""
    jumps = 0
    for before, after in pairwise(pictures):
        assert after.counter > before.counter, "no picture twice"
        slots = (after.ticks - before.ticks) / SLOT
        if after.counter - before.counter > slots + 5:
            jumps += 1
            assert slots <= 3, "a pause takes no time in the file"
        else:
            assert abs(after.counter - before.counter - slots) <= 2, "times tell when pictures were shown"
    assert jumps == pauses


async def test_a_pause_is_not_in_the_file(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await session.start_recording(str(tmp_path / "a.mp4"))
    for _ in range(3):
        await grown(session, SECOND // 2)
        states = [session.recording_paused]
        await session.pause_recording()
        states.append(session.recording_paused)
        assert states == [False, True]
        before = counter.read(tmp_path / "a.mp4")
        await session.pause_recording()
        await passed(session, SECOND // 2)
        assert counter.read(tmp_path / "a.mp4") == before, "nothing comes while it is paused"
        await session.resume_recording()
        await session.resume_recording()
    await grown(session, SECOND // 2)
    ticks = session.stats().recording_ticks
    await session.stop_recording()
    pictures = counter.read(tmp_path / "a.mp4")
    check_joints(pictures, 3)
    assert length(pictures) >= ticks
    result = await native.recover_recording(str(tmp_path / "a.mp4"), str(tmp_path / "plain.mp4")).result()
    assert same_from_start(counter.read(tmp_path / "plain.mp4"), pictures)
    assert result.end_pts_ticks - result.first_pts_ticks == length(pictures)


async def test_a_recording_may_end_paused(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await session.start_recording(str(tmp_path / "a.mp4"))
    await grown(session, SECOND // 2)
    await session.pause_recording()
    pictures = counter.read(tmp_path / "a.mp4")
    await passed(session, SECOND // 4)
    await session.stop_recording()
    assert not session.recording_paused
    assert counter.read(tmp_path / "a.mp4") == pictures
    for call in (session.pause_recording, session.resume_recording):
        with pytest.raises(native.NativeError) as caught:
            await call()
        assert caught.value.reason == "NOT_RECORDING"


async def test_a_still_screen_counts_up_to_the_pause(start_session: StartSession, tmp_path: Path) -> None:
    with xvfb(320, 240) as display, painting(display, "--mode", "still"):
        session = await start_session("x11:screen", display=display.name, draw_cursor=False)
        await session.start_recording(str(tmp_path / "a.mp4"))
        await grown(session, SECOND)
        await asyncio.sleep(0.5)  # the picture of the last second is half over
        await session.pause_recording()
        paused_at = session.stats().recording_ticks
        assert paused_at >= SECOND + SECOND // 3
        await passed(session, 2 * SECOND)
        assert session.stats().recording_ticks == paused_at
        await session.resume_recording()
        await grown(session, SECOND)
        await session.stop_recording()
    pictures = counter.read(tmp_path / "a.mp4")
    assert paused_at in [picture.ticks - pictures[0].ticks for picture in pictures]


async def test_what_a_killed_process_paused_is_whole(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.native.recorder", str(tmp_path), "pausing", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).split() for _ in range(3)]
    process.send_signal(signal.SIGKILL)
    await process.wait()
    pauses, ticks = int(lines[-1][0]), int(lines[-1][1])
    pictures = counter.read(tmp_path / "a.mp4")
    check_joints(pictures, pauses)
    assert length(pictures) >= ticks
    result = await native.recover_recording(str(tmp_path / "a.mp4"), str(tmp_path / "plain.mp4")).result()
    assert same_from_start(counter.read(tmp_path / "plain.mp4"), pictures)
    assert result.frames == len(pictures)
