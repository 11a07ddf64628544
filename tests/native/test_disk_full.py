"""No room: the recording ends cleanly, the ring goes on."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.waiting import notice, until

MEBIBYTE = 1 << 20
SECOND = native.TIMESCALE
NOISY = native.VideoConfig(fps=60, preset="ultrafast", crf=10, max_bitrate_kbps=0, keyframe_seconds=0.5)


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of this many bytes."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_full_disk_ends_the_recording_and_nothing_else(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session("test:clock:640x360", video=NOISY)
    session.start_ring(str(tmp_path / "ring"), 30.0, 0)
    with small_disk(tmp_path / "disk", 2 * MEBIBYTE) as disk:
        await session.start_recording(str(disk / "a.mp4"))
        seen = await notice(session, "recording_failed")
        assert [(one.kind, one.detail) for one in seen] == [("recording_failed", "NO_SPACE")]
        counters = [picture.counter for picture in counter.read(disk / "a.mp4")]
        dropped = session.stats().dropped
        assert counter.missing(counters) <= dropped["late"] + dropped["queue"]
        with pytest.raises(native.NativeError) as caught:
            await session.stop_recording()
        assert caught.value.reason == "NOT_RECORDING"
        before = session.ring_status().newest_ticks
        await until(lambda: session.ring_status().newest_ticks > before + SECOND // 2, "the ring goes on")
        with pytest.raises(native.NativeError) as caught:
            await session.start_recording(str(disk / "b.mp4"))
        assert caught.value.reason == "NO_SPACE"
        await session.start_recording(str(tmp_path / "c.mp4"))
        await session.stop_recording()
    assert counter.read(tmp_path / "c.mp4")


async def test_a_full_disk_moves_the_ring_to_memory_and_back(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session("test:clock:640x360", video=NOISY)
    with small_disk(tmp_path / "disk", 16 * MEBIBYTE) as disk:
        session.start_ring(str(disk / "ring"), 2.0, 0)
        await until(lambda: session.ring_status().filled_ticks >= SECOND, "the ring fills")
        with (disk / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
            while ballast.write(bytes(1 << 16)):
                pass
        await notice(session, "ring_in_memory")
        await until(lambda: session.ring_status().memory_segments >= 2, "it goes on in memory")
        pin = await session.pin(str(tmp_path / "pin"), 1.0, b"")
        result = await pin.save(str(tmp_path / "clip.mp4")).result()
        counters = [picture.counter for picture in counter.read(tmp_path / "clip.mp4")]
        dropped = session.stats().dropped
        assert counter.missing(counters) <= dropped["late"] + dropped["queue"]
        assert len(counters) == result.frames
        (disk / "ballast").unlink()
        await notice(session, "ring_on_disk")
        await session.stop()


async def test_a_recording_is_finished_in_place_where_there_is_no_room_for_a_copy(
    start_session: StartSession, tmp_path: Path
) -> None:
    session = await start_session("test:clock:640x360", video=NOISY)
    with small_disk(tmp_path / "disk", 6 * MEBIBYTE) as disk:
        await session.start_recording(str(disk / "a.mp4"))
        await until(lambda: session.stats().recording_bytes > 4 * MEBIBYTE, "half of the disk is used")
        await session.stop_recording()
        grown = counter.read(disk / "a.mp4")
        result = await native.recover_recording(str(disk / "a.mp4"), str(disk / "b.mp4")).result()
        assert os.path.samefile(disk / "a.mp4", disk / "b.mp4")
        (disk / "a.mp4").unlink()
        plain = counter.read(disk / "b.mp4")
        assert [picture.counter for picture in plain] == [picture.counter for picture in grown]
        assert (result.frames, result.width, result.height) == (len(grown), 640, 360)
        assert result.size_bytes == (disk / "b.mp4").stat().st_size
        probe = ["ffprobe", "-v", "error", "-show_entries", "stream=nb_frames", "-of", "csv=p=0", str(disk / "b.mp4")]
        assert int(subprocess.run(probe, check=True, capture_output=True).stdout) == len(grown)
