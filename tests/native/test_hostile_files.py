"""Torn, reordered, bit-flipped and hostile recordings and rings: never a crash, never an endless loop, and a file that is
made of them has exactly what is said of it."""

import asyncio
import shutil
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clipshot_native as native
from tests.native import recovering
from tests.native.recovering import Recovered

PATIENCE = 30.0
"""Seconds; a recovery takes milliseconds, so whatever takes this long will never end."""
ALLOWED = {"BROKEN_FILE", "NO_SPACE"}
VIDEO = native.VideoConfig(width=160, height=96, fps=30, preset="ultrafast")


@dataclass(frozen=True)
class Footage:
    """What a session has left: a recording and the segments of a ring."""

    recording: bytes
    frames: int
    segments: dict[str, bytes]


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    folder = tmp_path_factory.mktemp("footage")

    async def record() -> int:
        session = await native.Session.start(source_id="test:clock", video=VIDEO)
        session.start_ring(str(folder / "ring"), 30.0, 0)
        await session.start_recording(str(folder / "a.mp4"))
        while session.stats().recording_ticks < 3 * native.TIMESCALE:
            await asyncio.sleep(0.02)
        await session.stop_recording()
        await session.stop()
        return session.stats().encoded

    frames = asyncio.run(record())
    segments = {path.name: path.read_bytes() for path in sorted((folder / "ring").iterdir())}
    assert len(segments) >= 4
    return Footage((folder / "a.mp4").read_bytes(), frames, segments)


@pytest.fixture(scope="module")
def recoverer() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield pool


def boxes(data: bytes) -> list[tuple[int, int]]:
    """Start and length of each top-level box."""
    found, at = [], 0
    while at + 8 <= len(data):
        length = max(struct.unpack_from(">I", data, at)[0], 8)
        found.append((at, length))
        at += length
    return found


@st.composite
def damage(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """One way to spoil a file."""
    kind = draw(
        st.sampled_from(("cut", "flip", "garbage", "length", "inner", "swap", "repeat", "drop", "zeros", "insert"))
    )
    share, other = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    value = draw(
        st.one_of(
            st.sampled_from((0, 1, 7, 8, 9, 15, 16, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)), st.integers(0, 2**32 - 1)
        )
    )
    noise = draw(st.binary(min_size=1, max_size=64))

    def spoil(data: bytes) -> bytes:
        if not data:
            return noise
        at, end = int(share * (len(data) - 1)), int(other * (len(data) - 1))
        at, end = min(at, end), max(at, end)
        parts = [data[start : start + length] for start, length in boxes(data)]
        one, two = int(share * (len(parts) - 1)), int(other * (len(parts) - 1))
        match kind:
            case "cut":
                return data[:at]
            case "flip":
                return data[:at] + bytes([data[at] ^ (1 << value % 8)]) + data[at + 1 :]
            case "garbage":
                return data[:at] + noise + data[at + len(noise) :]
            case "length" if parts:  # a box that says it is longer, or shorter, than it is
                start = boxes(data)[one][0]
                return data[:start] + struct.pack(">I", value) + data[start + 4 :]
            case "inner":  # the same anywhere, which hits inner boxes and their counts
                return data[:at] + struct.pack(">I", value) + data[at + 4 :]
            case "swap" if parts:
                parts[one], parts[two] = parts[two], parts[one]
                return b"".join(parts)
            case "repeat" if parts:
                return b"".join((*parts[: one + 1], parts[one], *parts[one + 1 :]))
            case "drop" if parts:
                return b"".join((*parts[:one], *parts[one + 1 :]))
            case "zeros":
                return data[:at] + bytes(end - at) + data[end:]
            case _:
                return data[:at] + noise + data[at:]

    return spoil


def check(answer: Recovered | str, most: int) -> None:
    if isinstance(answer, str):
        assert answer.split(":")[0] in ALLOWED, answer
        return
    assert answer.packets == answer.frames, "the file has the pictures that are said to be in it"
    assert answer.spans <= answer.seconds + 0.001, "and does not last longer than is said"
    assert answer.frames <= most


RUNS = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def test_damaged_recordings(footage: Footage, recoverer: ProcessPoolExecutor, tmp_path: Path, soak: bool) -> None:
    path, target = tmp_path / "a.mp4", tmp_path / "out.mp4"

    @given(spoils=st.lists(damage(), min_size=1, max_size=3))
    @settings(RUNS, max_examples=5000 if soak else 150)
    def run(spoils: list[Callable[[bytes], bytes]]) -> None:
        data = footage.recording
        for spoil in spoils:
            data = spoil(data)
        path.write_bytes(data)
        target.unlink(missing_ok=True)
        check(recoverer.submit(recovering.recording, path, target).result(PATIENCE), 2 * footage.frames)

    run()


def test_damaged_rings(footage: Footage, recoverer: ProcessPoolExecutor, tmp_path: Path, soak: bool) -> None:
    folder, target = tmp_path / "ring", tmp_path / "out.mp4"
    names = sorted(footage.segments)

    @given(data=st.data(), spoil=damage())
    @settings(RUNS, max_examples=5000 if soak else 150)
    def run(data: st.DataObject, spoil: Callable[[bytes], bytes]) -> None:
        files = dict(footage.segments)
        victim, other = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
        match data.draw(st.sampled_from(("spoil", "swap", "missing", "empty"))):
            case "spoil":
                files[victim] = spoil(files[victim])
            case "swap":
                files[victim], files[other] = files[other], files[victim]
            case "missing":
                del files[victim]
            case _:
                files[victim] = b""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        target.unlink(missing_ok=True)
        check(recoverer.submit(recovering.ring, folder, target).result(PATIENCE), 2 * footage.frames)

    run()
