"""Readers of the running stream, previews, and the end."""

import asyncio
import io
from functools import partial
from itertools import pairwise

import av
import pytest

import clipshot_native as native
from tests.native import counter
from tests.native.conftest import StartSession
from tests.native.waiting import notice, until


async def read(subscription: native.Subscription, least: int) -> list[native.Chunk]:
    event_loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    event_loop.add_reader(subscription.fileno(), arrived.set)
    chunks: list[native.Chunk] = []
    try:
        async with asyncio.timeout(20):
            while len(chunks) < least:
                await arrived.wait()
                arrived.clear()
                chunks += subscription.drain()
    finally:
        event_loop.remove_reader(subscription.fileno())
    return chunks


async def test_a_reader_gets_a_stream_that_plays(start_session: StartSession) -> None:
    session = await start_session()
    await until(lambda: session.stats().encoded >= 30, "the session runs")
    subscription = session.subscribe()
    chunks = await read(subscription, 60)
    assert chunks[0].key
    assert all(chunk.track == 0 and chunk.duration_ticks == 1500 for chunk in chunks)
    assert all(a.pts_ticks < b.pts_ticks for a, b in pairwise(chunks))
    assert all(a.ready_ns < b.ready_ns for a, b in pairwise(chunks))
    stream = io.BytesIO(b"".join([subscription.init_segment() or b"", *(chunk.data for chunk in chunks)]))
    with av.open(stream) as container:
        assert len(list(counter.pictures(container))) == len(chunks)
    assert subscription.skipped == 0


async def test_a_closed_subscription_says_so(start_session: StartSession) -> None:
    session = await start_session()
    subscription = session.subscribe()
    subscription.close()
    subscription.close()
    with pytest.raises(native.NativeError) as caught:
        subscription.drain()
    assert caught.value.reason == "CLOSED"


async def test_a_preview_is_the_newest_picture(start_session: StartSession) -> None:
    session = await start_session()
    await until(lambda: session.stats().encoded >= 2, "the session runs")
    shown: list[int] = []

    def encoded_since(before: int) -> bool:
        return session.stats().encoded >= before + 2

    for _ in range(2):
        with av.open(io.BytesIO(await session.preview_jpeg(10_000, 95)), format="mjpeg") as container:
            (picture,) = counter.pictures(container)
        shown.append(picture.counter)
        await until(partial(encoded_since, session.stats().encoded), "the session runs on")
    assert shown[0] < shown[1]
    with av.open(io.BytesIO(await session.preview_jpeg(160)), "r", format="mjpeg") as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (160, 120)
    with pytest.raises(native.NativeError) as caught:
        await session.preview_jpeg(160, 0)
    assert (caught.value.reason, caught.value.field) == ("INVALID_CONFIG", "quality")
    await session.stop()
    with pytest.raises(native.NativeError) as caught:
        await session.preview_jpeg(160)
    assert caught.value.reason == "CLOSED"


async def test_stopping_ends_everything_once(start_session: StartSession) -> None:
    session = await start_session()
    await asyncio.gather(session.stop(), session.stop())
    assert not session.alive
    assert [one.kind for one in await notice(session, "ended")] == ["ended"]
    await session.stop()
    assert session.drain_notices() == []


async def test_numbers_agree(start_session: StartSession) -> None:
    session = await start_session()
    await until(lambda: session.stats().encoded >= 60, "the session runs")
    await session.stop()
    stats = session.stats()
    assert stats.captured == stats.encoded + stats.dropped["queue"]
    assert stats.duration_ticks == stats.last_pts_ticks + 1500
    assert stats.bytes_encoded > 0
    assert stats.fps > 0
    assert stats.bitrate_kbps > 0
    assert stats.encode_ms > 0
    assert set(stats.dropped) == {"late", "queue", "encode", "live"}


async def test_a_cancelled_wait_and_a_closed_loop_do_no_harm(start_session: StartSession) -> None:
    session = await start_session()
    await until(lambda: session.stats().encoded >= 2, "the session runs")
    task = asyncio.ensure_future(session.preview_jpeg(160))
    await asyncio.sleep(0)
    task.cancel()
    assert len(await session.preview_jpeg(160)) > 0

    async def abandon() -> None:
        session.preview_jpeg(160)

    await asyncio.to_thread(asyncio.run, abandon())
    assert session.alive


async def test_a_call_needs_a_running_loop() -> None:
    def call() -> None:
        with pytest.raises(RuntimeError):
            native.list_encoders()

    await asyncio.to_thread(call)


@pytest.mark.parametrize(
    ("asked", "made"), [((320, 180), (320, 180)), ((320, 0), (320, 180)), ((0, 720), (1280, 720)), ((0, 0), (640, 360))]
)
async def test_pictures_are_encoded_in_the_size_asked_for(
    start_session: StartSession, asked: tuple[int, int], made: tuple[int, int]
) -> None:
    video = native.VideoConfig(fps=30, preset="ultrafast", width=asked[0], height=asked[1])
    session = await start_session("test:clock:640x360", video=video)
    assert (session.width, session.height) == made
    await until(lambda: session.stats().encoded >= 2, "the session runs")
    with av.open(io.BytesIO(await session.preview_jpeg(10_000)), "r", format="mjpeg") as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == made
    luma = frame.to_ndarray(format="gray")
    assert luma[2 * made[1] // 360, 8 * made[0] // 640] > 200, "the first block of the stamp, in its place"
