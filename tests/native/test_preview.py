"""The live preview: viewers of a second encoder."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import av
import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.waiting import PATIENCE, until


class Watcher:
    """Takes units as they come, as a server does."""

    def __init__(self, preview: native.Preview) -> None:
        self.preview = preview
        self.units: list[native.AccessUnit] = []
        self._arrived = asyncio.Event()

    async def until(self, least: int) -> list[native.AccessUnit]:
        """What has come, once there are this many units in all."""
        async with asyncio.timeout(PATIENCE):
            while len(self.units) < least:
                await self._arrived.wait()
                self._arrived.clear()
        return self.units

    def take(self) -> None:
        """Units wait."""
        self.units += self.preview.drain()
        self._arrived.set()


@contextmanager
def watching(preview: native.Preview) -> Iterator[Watcher]:
    watcher = Watcher(preview)
    event_loop = asyncio.get_running_loop()
    descriptor = preview.fileno()
    event_loop.add_reader(descriptor, watcher.take)
    try:
        yield watcher
    finally:
        event_loop.remove_reader(descriptor)


def decode(units: list[native.AccessUnit]) -> list[av.VideoFrame]:
    """What a decoder makes of the units, given one by one."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    frames = [frame for unit in units for frame in decoder.decode(av.Packet(unit.data))]
    return frames + decoder.decode(None)


def counters(units: list[native.AccessUnit]) -> list[int]:
    """The stamps of pictures in the source's own size."""
    return [counter.read_stamp(frame.to_ndarray(format="gray"))[0] for frame in decode(units)]


def threads() -> int:
    """Threads of previews and of their encoders."""
    count = 0
    for task in os.listdir("/proc/self/task"):
        try:
            count += Path(f"/proc/self/task/{task}/comm").read_text().strip() == "cs-preview"
        except FileNotFoundError:
            continue
    return count


def keys(units: list[native.AccessUnit]) -> list[bool]:
    return [unit.key for unit in units]


async def test_a_viewer_sees_every_picture_of_the_session(start_session: StartSession) -> None:
    session = await start_session()
    with closing(session.open_preview(320)) as preview, watching(preview) as watcher:
        units = await watcher.until(60)
        assert (preview.width, preview.height, preview.skipped, preview.ended) == (320, 240, 0, False)
    assert keys(units) == [True] + [False] * (len(units) - 1)
    assert [unit.sequence for unit in units] == list(range(units[0].sequence, units[0].sequence + len(units)))
    assert all(a.pts_ticks < b.pts_ticks for a, b in pairwise(units))
    assert all(unit.capture_ns < unit.ready_ns for unit in units)
    shown = counters(units)
    assert len(shown) == len(units)
    assert shown == sorted(shown)
    # Each picture is the one that its time says, give or take a slot or two: the source draws one for each.
    offsets = [unit.pts_ticks // 1500 - number for unit, number in zip(units, shown, strict=True)]
    assert max(offsets) - min(offsets) <= 4


async def test_half_the_size_is_the_default_and_webcodecs_is_told_what_it_is(start_session: StartSession) -> None:
    session = await start_session("test:clock:640x360")
    with closing(session.open_preview()) as preview, watching(preview) as watcher:
        units = await watcher.until(5)
        assert (preview.width, preview.height) == (320, 180)
        frames = decode(units)
        assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}
        parameters = units[0].data[units[0].data.index(b"\x67") + 1 :][:3]
        assert preview.codec == "avc1." + parameters.hex().upper()
        assert preview.codec.startswith("avc1.42")
    luma = frames[-1].to_ndarray(format="gray")
    assert luma[4, 4] > 200, "the first block of the stamp, in its place"


async def test_a_picture_is_there_at_once_on_a_still_screen(start_session: StartSession) -> None:
    session = await start_session("test:clock:320x240@1")
    with closing(session.open_preview(320)) as first, watching(first) as early:
        (unit,) = (await early.until(1))[:1]
        assert unit.key
        taken_anew = 0
        for _ in range(3):
            # More than the least distance of keyframes, and nothing moves.
            await asyncio.sleep(0.3)
            asked_ns = early.units[-1].ready_ns
            with closing(session.open_preview(320)) as second, watching(second) as late:
                (unit,) = (await late.until(1))[:1]
                assert unit.key
                assert unit.capture_ns > asked_ns
                # Pictures of the source lie on the grid; what is encoded once more has the time at which it was.
                taken_anew += unit.pts_ticks % 1500 == 0
        assert taken_anew <= 1, "nobody waits for the next picture, unless it happens to come"
        # Those who were there see the same stream on.
        await early.until(4)
        assert all(a.pts_ticks < b.pts_ticks for a, b in pairwise(early.units))
        assert len(decode(early.units)) == len(early.units)


async def test_keyframes_on_request_are_shared_and_not_too_many(start_session: StartSession) -> None:
    session = await start_session()
    with (
        closing(session.open_preview(320)) as one,
        watching(one) as first,
        closing(session.open_preview(320)) as two,
        watching(two) as second,
    ):
        await first.until(10)
        while len(first.units) < 120:
            one.request_keyframe()
            two.request_keyframe()
            await first.until(len(first.units) + 1)
        times = [unit.ready_ns for unit in first.units if unit.key]
        assert len(times) >= 3
        assert all(b - a > 240e6 for a, b in pairwise(times))
        await second.until(100)
        shared = [unit.sequence for unit in second.units if unit.key]
        assert shared == [unit.sequence for unit in first.units if unit.key][: len(shared)]
        assert second.units[0].key
        assert len(decode(second.units)) == len(second.units)


async def test_a_slow_viewer_goes_on_at_a_keyframe(start_session: StartSession) -> None:
    session = await start_session()
    with (
        closing(session.open_preview(320)) as slow,
        closing(session.open_preview(320)) as fast,
        watching(fast) as other,
    ):
        with watching(slow) as watcher:
            before = await watcher.until(5)
        await other.until(len(other.units) + 60)
        assert slow.skipped > 0
        assert not any(keys(other.units[1:])), "nobody is there who asks"
        with watching(slow) as watcher:
            after = await watcher.until(5)
        assert after[0].key
        assert after[0].pts_ticks - other.units[0].pts_ticks < 10 * 90_000, "not the one that comes by itself"
        assert after[0].sequence - before[-1].sequence - 1 == slow.skipped
        assert len(decode(after)) == len(after)
        assert fast.skipped == 0
        await other.until(len(other.units) + 30)
        assert sum(keys(other.units[5:])) == 1, "asked for once"


async def test_the_encoder_goes_with_the_last_viewer(start_session: StartSession) -> None:
    session = await start_session()
    assert threads() == 0
    one, two, small = session.open_preview(320), session.open_preview(320), session.open_preview(160)
    both_sizes = threads()
    one.close()
    small.close()
    await until(lambda: 0 < threads() < both_sizes, "the small one's encoder has gone")
    with watching(two) as watcher:
        await watcher.until(3)
    del two, watcher
    await until(lambda: threads() == 0, "no viewer, no encoder")
    with closing(session.open_preview(320)) as again, watching(again) as watcher:
        assert (await watcher.until(3))[0].key
    await until(lambda: threads() == 0, "no viewer, no encoder")


async def test_a_fourth_size_is_the_nearest(start_session: StartSession) -> None:
    session = await start_session()
    previews = [session.open_preview(width) for width in (64, 160, 320, 200)]
    assert [preview.width for preview in previews] == [64, 160, 320, 160]
    with watching(previews[-1]) as watcher:
        assert (await watcher.until(3))[0].key
    for preview in previews:
        preview.close()


async def test_the_sessions_end_is_the_previews(start_session: StartSession) -> None:
    session = await start_session()
    preview = session.open_preview()
    with watching(preview) as watcher:
        await watcher.until(3)
        await session.stop()
        assert preview.ended
        assert threads() == 0
        await watcher.until(len(watcher.units))
    with pytest.raises(native.NativeError) as caught:
        session.open_preview()
    assert caught.value.reason == "CLOSED"
    preview.close()
    preview.close()
    with pytest.raises(native.NativeError) as caught:
        preview.drain()
    assert caught.value.reason == "CLOSED"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"max_width": 15}, "max_width"),
        ({"bitrate_kbps": 99}, "bitrate_kbps"),
        ({"bitrate_kbps": 50_001}, "bitrate_kbps"),
    ],
)
async def test_impossible_previews_are_refused(
    start_session: StartSession, options: dict[str, int], field: str
) -> None:
    session = await start_session()
    with pytest.raises(native.NativeError) as caught:
        session.open_preview(**options)
    assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", field)
    assert threads() == 0


async def test_the_recording_does_not_notice(start_session: StartSession, tmp_path: Path) -> None:
    session = await start_session()
    await until(lambda: session.stats().encoded >= 2, "the first keyframe is over")
    await session.start_recording(str(tmp_path / "a.mp4"))
    for _ in range(5):
        with closing(session.open_preview(320)) as preview, watching(preview) as watcher:
            await watcher.until(20)
    await session.stop_recording()
    assert session.stats().dropped["encode"] == 0
    shown = counter.read(tmp_path / "a.mp4")
    assert all(a.counter < b.counter for a, b in pairwise(shown))
    with av.open(str(tmp_path / "a.mp4")) as container:
        times = [packet.pts for packet in container.demux(video=0) if packet.is_keyframe and packet.pts is not None]
    assert all(b - a >= 90_000 for a, b in pairwise(times)), "five viewers' keyframes are not the recording's"
