"""A file cut anywhere in its last chunk recovers to the last whole one."""

import asyncio
import os
import shutil
from pathlib import Path

from clipshot_native import Session, VideoConfig, recover_recording, recover_ring
from tests.acceptance.main import frames
from tests.acceptance.main.report import Report

FPS = 30
SECONDS = 2.5


async def record(folder: Path) -> tuple[Path, Path]:
    """A recording and a ring as a crash would leave them: fragmented, not finished."""
    video = VideoConfig(fps=FPS, crf=51)  # small chunks: each of their bytes costs a recovery
    session = await Session.start(source_id="test:clock", video=video)
    recording, ring = folder / "recording.mp4", folder / "ring"
    session.start_ring(str(ring), 60, 1 << 28)
    await session.start_recording(str(recording))
    await asyncio.sleep(SECONDS)
    await session.stop_recording()
    await session.stop_ring(keep=True)
    await session.stop()
    return recording, ring


def last_chunk(path: Path) -> tuple[int, int]:
    """Where the last moof begins, and the file's length."""
    data, offset, found = path.read_bytes(), 0, 0
    while offset < len(data):
        size, kind = int.from_bytes(data[offset : offset + 4], "big"), data[offset + 4 : offset + 8]
        if kind == b"moof":
            found = offset
        offset += size
    assert found
    assert offset == len(data)
    return found, len(data)


async def recovered_frames(recording: Path, target: Path) -> int:
    """Pictures in the plain file that recovery makes of a recording; they can all be read."""
    target.unlink(missing_ok=True)
    result = await recover_recording(str(recording), str(target)).result()
    read = frames.packets(target)
    assert len(read) == result.frames
    assert read[0].keyframe
    return result.frames


async def test_a_recording_cut_at_every_byte_of_its_last_chunk(tmp_path: Path) -> None:
    recording, _ = await record(tmp_path)
    begin, size = last_chunk(recording)
    target = tmp_path / "recovered.mp4"
    whole = await recovered_frames(recording, target)
    found: dict[int, int] = {}
    for length in range(size - 1, begin - 1, -1):
        os.truncate(recording, length)
        number = await recovered_frames(recording, target)
        found[number] = found.get(number, 0) + 1
    shown = frames.decode(target)
    report = Report("a recording cut at every byte of its last chunk")
    report.line("pictures in the whole file", whole)
    report.line("bytes of the last chunk, each cut", size - begin)
    report.line("pictures recovered: how often", str(found), limit=f"always {whole - 1}")
    report.line("pictures decoded of the last of them", f"{len(shown)}, {shown[0].counter} to {shown[-1].counter}")
    assert found == {whole - 1: size - begin}
    assert len(shown) == whole - 1


async def test_a_ring_cut_at_every_byte_of_its_last_chunk(tmp_path: Path) -> None:
    _, ring = await record(tmp_path)
    newest = max((path for path in ring.iterdir() if b"moof" in path.read_bytes()), key=lambda path: path.name)
    begin, size = last_chunk(newest)
    target = tmp_path / "recovered.mp4"

    async def recovered(length: int) -> int:
        copy = tmp_path / "copy"
        shutil.copytree(ring, copy)
        os.truncate(copy / newest.name, length)
        target.unlink(missing_ok=True)
        pin = await recover_ring(str(copy))
        result = await pin.save(str(target), "keyframe").result()
        pin.release()
        shutil.rmtree(copy, ignore_errors=True)
        assert len(frames.packets(target)) == result.frames
        return result.frames

    whole = await recovered(size)
    found = [await recovered(length) for length in range(begin, size)]
    report = Report("a ring whose newest segment is cut at every byte of its last chunk")
    report.line("pictures in the whole ring", whole)
    report.line("bytes of the last chunk, each cut", size - begin)
    report.line("pictures recovered", str(sorted(set(found))), limit=f"always {whole - 1}")
    assert set(found) == {whole - 1}
