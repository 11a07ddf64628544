"""kill -9 in the middle of recording and buffering."""

import asyncio
import sys
from pathlib import Path

import pytest

import clipshot_native as native
from tests.native import counter

RECORDER = Path(__file__).with_name("recorder.py")


async def killed(folder: Path) -> tuple[int, int]:
    """Lets a process record and buffer, kills it, and returns the ends of recording and ring that it reported last."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(RECORDER), str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    reported = (0, 0)
    async with asyncio.timeout(60):
        while reported[1] < 3 * native.TIMESCALE:
            recording, ring = (await process.stdout.readline()).split()
            reported = (int(recording), int(ring))
    process.kill()
    rest = await process.stdout.read()
    await process.wait()
    for line in rest.splitlines(keepends=True):
        if line.endswith(b"\n"):
            recording, ring = line.split()
            reported = (int(recording), int(ring))
    return reported


async def test_a_killed_process_loses_nothing_it_had_written(tmp_path: Path) -> None:
    recording_ticks, ring_end = await killed(tmp_path)
    recording = await native.recover_recording(str(tmp_path / "a.mp4"), str(tmp_path / "recording.mp4")).result()
    assert recording.end_pts_ticks - recording.first_pts_ticks >= recording_ticks
    pin = await native.recover_ring(str(tmp_path / "ring"))
    ring = await pin.save(str(tmp_path / "ring.mp4"), "keyframe").result()
    assert ring.end_pts_ticks >= ring_end
    for result in (recording, ring):
        counters = [picture.counter for picture in counter.read(result.path)]
        assert len(counters) == result.frames
        assert counters == sorted(set(counters))


async def test_a_torn_end_is_cut_at_the_last_whole_picture(tmp_path: Path) -> None:
    await killed(tmp_path)
    whole = (tmp_path / "a.mp4").read_bytes()
    frames = len(counter.read(tmp_path / "a.mp4"))
    last = whole.rindex(b"moof") - 4
    for number, cut in enumerate([last, last + 1, last + 8, (last + len(whole)) // 2, len(whole) - 1]):
        (tmp_path / f"cut{number}.mp4").write_bytes(whole[:cut])
        result = await native.recover_recording(
            str(tmp_path / f"cut{number}.mp4"), str(tmp_path / f"out{number}.mp4")
        ).result()
        assert result.frames == frames - 1
        assert len(counter.read(result.path)) == frames - 1


async def test_a_file_that_is_no_recording(tmp_path: Path) -> None:
    for name, content in (("empty.mp4", b""), ("text.mp4", b"not a video at all" * 100)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(native.NativeError) as caught:
            await native.recover_recording(str(tmp_path / name), str(tmp_path / "out.mp4")).result()
        assert caught.value.reason == "BROKEN_FILE"
        assert not (tmp_path / "out.mp4").exists()
