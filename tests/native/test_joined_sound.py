"""Sound across pauses and splits of a recording: no gap, and as long as the pictures."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

import clipshot_native as native
from tests.native.conftest import StartSession
from tests.native.sound_server import SoundServer, sound_server
from tests.native.waiting import until

SECOND = native.TIMESCALE
# Samples in a packet of AAC.
PACKET = 1024
RATE = 48_000


@pytest.fixture
def server() -> Iterator[SoundServer]:
    with sound_server() as running:
        yield running


def sound(server: SoundServer) -> native.AudioConfig:
    inputs = [native.AudioInput("default-output"), native.AudioInput("default-input")]
    return native.AudioConfig(inputs, server=server.address)


def spans(path: Path) -> list[tuple[float, float]]:
    """Begin and end of each track in seconds, pictures first; packets of sound follow each other exactly."""
    times: dict[int, list[tuple[int, int]]] = {}
    with av.open(str(path)) as container:
        rates = [float(stream.time_base) for stream in container.streams if stream.time_base is not None]
        for packet in container.demux():
            if packet.pts is not None and packet.duration is not None:
                times.setdefault(packet.stream_index, []).append((packet.pts, packet.duration))
    for index, packets in times.items():
        if index > 0:
            assert {later[0] - earlier[0] for earlier, later in pairwise(packets)} == {PACKET}
    return [(packets[0][0] * rates[index], sum(packets[-1]) * rates[index]) for index, packets in sorted(times.items())]


async def recorded(session: native.Session, ticks: int) -> None:
    goal = session.stats().recording_ticks + ticks
    await until(lambda: session.stats().recording_ticks >= goal, "the recording grows")


async def test_pauses_leave_no_gap(server: SoundServer, start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session(audio=sound(server))
    await session.start_recording(str(tmp_path / "a.mp4"))
    for _ in range(4):
        await recorded(session, SECOND // 2)
        await session.pause_recording()
        before = session.stats().last_pts_ticks
        await until(lambda before=before: session.stats().last_pts_ticks >= before + SECOND // 3, "time passes")  # type: ignore[misc]
        await session.resume_recording()
    await recorded(session, SECOND // 2)
    await session.stop_recording()
    pictures, *tracks = spans(tmp_path / "a.mp4")
    assert len(tracks) == 3
    for begin, end in tracks:
        assert pictures[0] - 3 * PACKET / RATE <= begin <= pictures[0]
        assert abs(end - pictures[1]) <= 0.15
    await native.recover_recording(str(tmp_path / "a.mp4"), str(tmp_path / "plain.mp4")).result()
    pictures, *tracks = spans(tmp_path / "plain.mp4")
    assert all(end - pictures[1] <= PACKET / RATE for _, end in tracks)


async def test_splits_lose_no_sound(server: SoundServer, start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session(audio=sound(server))
    await session.start_recording(str(tmp_path / "0.mp4"))
    for number in range(1, 5):
        await recorded(session, SECOND // 2)
        await session.split_recording(str(tmp_path / f"{number}.mp4"))
    await recorded(session, SECOND // 2)
    await session.stop_recording()
    files = [spans(tmp_path / f"{number}.mp4") for number in range(5)]
    for before, after in pairwise(files):
        assert before[0][1] == pytest.approx(after[0][0], abs=1e-6), "pictures go on where they ended"
        for old, new, joint in zip(before[1:], after[1:], [after[0][0]] * 3, strict=True):
            assert old[1] >= joint - 1e-6, "all sound up to the joint is in the old file"
            assert new[0] <= joint + 1e-6, "all sound from the joint on is in the new one"
