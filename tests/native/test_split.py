"""A recording that goes on in a new file."""

import asyncio
import signal
import sys
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


async def plain(path: Path) -> native.SaveResult:
    """The recording as a plain file beside it."""
    return await native.recover_recording(str(path), str(path.with_suffix(".plain.mp4"))).result()


async def test_no_picture_is_lost_or_doubled(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await session.start_recording(str(tmp_path / "0.mp4"))
    for number in range(1, 6):
        goal = session.stats().last_pts_ticks + SECOND // 3
        await until(lambda goal=goal: session.stats().last_pts_ticks >= goal, "the session goes on")  # type: ignore[misc]
        await session.split_recording(str(tmp_path / f"{number}.mp4"))
        old = tmp_path / f"{number - 1}.mp4"
        size = old.stat().st_size
        await until(lambda: session.stats().recording_ticks >= SECOND // 10, "the new file grows")
        assert old.stat().st_size == size, "the old one is whole"
    await session.stop_recording()
    files = [tmp_path / f"{number}.mp4" for number in range(6)]
    results = [await plain(file) for file in files]
    for before, after in pairwise(results):
        assert before.end_pts_ticks == after.first_pts_ticks, "one begins where the other ends"
    numbers = [picture.counter for file in files for picture in counter.read(file)]
    dropped = session.stats().dropped
    assert counter.missing(numbers) <= dropped["late"] + dropped["queue"]


async def test_a_still_screen_loses_no_time(start_session: StartSession, tmp_path: Path) -> None:
    with xvfb(320, 240) as display, painting(display, "--mode", "still"):
        session = await start_session("x11:screen", display=display.name, draw_cursor=False)
        await session.start_recording(str(tmp_path / "a.mp4"))
        await until(lambda: session.stats().recording_ticks > SECOND, "the recording grows")
        await session.split_recording(str(tmp_path / "b.mp4"))
        await session.stop_recording()
    first, second = await plain(tmp_path / "a.mp4"), await plain(tmp_path / "b.mp4")
    assert first.end_pts_ticks == second.first_pts_ticks


async def test_a_new_file_may_be_paused_and_split_again(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await session.start_recording(str(tmp_path / "a.mp4"))
    await session.pause_recording()
    with pytest.raises(native.NativeError) as caught:
        await session.split_recording(str(tmp_path / "b.mp4"))
    assert caught.value.reason == "NOT_RECORDING"
    assert not (tmp_path / "b.mp4").exists()
    await session.resume_recording()
    await session.split_recording(str(tmp_path / "b.mp4"))
    await session.pause_recording()
    await session.resume_recording()
    await session.stop_recording()
    assert len(counter.read(tmp_path / "a.mp4")) >= 2
    assert counter.read(tmp_path / "b.mp4")[0].ticks >= 0


async def test_refusals(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    with pytest.raises(native.NativeError) as caught:
        await session.split_recording(str(tmp_path / "a.mp4"))
    assert caught.value.reason == "NOT_RECORDING"
    await session.start_recording(str(tmp_path / "a.mp4"))
    with pytest.raises(native.NativeError) as caught:
        await session.split_recording(str(tmp_path / "a.mp4"))
    assert caught.value.reason == "ALREADY_EXISTS"
    with pytest.raises(native.NativeError) as caught:
        await session.split_recording(str(tmp_path / "none" / "b.mp4"))
    assert caught.value.reason == "IO"
    ticks = session.stats().recording_ticks
    await until(lambda: session.stats().recording_ticks > ticks, "the recording goes on in its file")
    await session.stop_recording()
    assert len(counter.read(tmp_path / "a.mp4")) >= 2


async def test_a_killed_process_leaves_all_files_playable(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.native.recorder", str(tmp_path), "splitting", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(5):
        line = (await process.stdout.readline()).split()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    numbers: list[int] = []
    for number in range(int(line[0]) + 1):
        await plain(tmp_path / f"{number}.mp4")
        numbers += [picture.counter for picture in counter.read(tmp_path / f"{number}.mp4")]
    assert counter.missing(numbers) <= int(line[1]) + 5
