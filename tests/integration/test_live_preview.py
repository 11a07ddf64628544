"""The live preview over gRPC: what a viewer gets, how it steers, and that its encoder goes with it."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import av
import grpc
import pytest
from grpc import aio

from clipshot.core.capture.requests import StopRequest, StopWhat
from clipshot.core.capture.session import SessionMode
from clipshot.core.capture.viewer_credit import MOST_UNACKNOWLEDGED
from clipshot.gen.capture.v1 import capture_service_pb2 as messages
from clipshot.gen.capture.v1 import stream_pb2
from tests.integration.live_server import Stub, live_studio
from tests.integration.studio import Studio
from tests.reasons import reason_of

Served = tuple[Studio, Stub]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A session that runs, behind a server."""
    async with live_studio(tmp_path) as (studio, stub):
        await studio.begin(SessionMode.REPLAY, 0.5)
        yield studio, stub


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something; the limit guards against hanging only."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)
    assert true(), what


class Watching:
    """A viewer over gRPC."""

    def __init__(self, stub: Stub, *, max_width: int = 320, acknowledge: bool = False) -> None:
        self._stub = stub
        request = messages.StreamPreviewRequest(session_id="current", max_width=max_width, acknowledge=acknowledge)
        self.call = stub.StreamPreview(request)
        self._answers = aiter(self.call)
        self.start = messages.StreamPreviewResponse.Start()

    async def begin(self) -> "Watching":
        """With the first message read."""
        first = await anext(self._answers)
        assert first.WhichOneof("message") == "start"
        self.start.CopyFrom(first.start)
        return self

    async def unit(self) -> stream_pb2.AccessUnit:
        """The next picture."""
        async with asyncio.timeout(20):
            return (await anext(self._answers)).access_unit

    async def acknowledge(self, sequence: int) -> None:
        await self._stub.AckPreview(messages.AckPreviewRequest(preview_id=self.start.preview_id, sequence=sequence))

    async def request_keyframe(self) -> None:
        await self._stub.RequestKeyframe(messages.RequestKeyframeRequest(preview_id=self.start.preview_id))


async def test_pictures_come_small_and_can_be_decoded(served: Served) -> None:
    _, stub = served
    before = time.monotonic_ns()
    viewer = await Watching(stub).begin()
    assert before < viewer.start.monotonic_ns < time.monotonic_ns()
    assert viewer.start.codec.startswith("avc1.42")
    assert (viewer.start.width, viewer.start.height) == (320, 180)
    units = [await viewer.unit() for _ in range(20)]
    viewer.call.cancel()
    assert units[0].key
    assert not any(unit.key for unit in units[1:])
    assert [unit.sequence for unit in units] == list(range(units[0].sequence, units[0].sequence + 20))
    assert all(unit.capture_ns < unit.ready_ns < unit.sent_ns for unit in units)
    assert all(a.pts.ToTimedelta() < b.pts.ToTimedelta() for a, b in pairwise(units))
    with av.open(io.BytesIO(b"".join(unit.data for unit in units)), format="h264") as stream:
        pictures = list(stream.decode(video=0))
    assert len(pictures) == len(units)
    assert (pictures[0].width, pictures[0].height) == (320, 180)


async def test_a_silent_viewer_is_sent_no_backlog_and_comes_back_with_a_keyframe(served: Served) -> None:
    studio, stub = served
    viewer = await Watching(stub, acknowledge=True).begin()
    units = [await viewer.unit() for _ in range(MOST_UNACKNOWLEDGED)]
    begun = (await studio.capture.get_session("current")).stats.encoded_frames
    async with asyncio.timeout(20):
        while (await studio.capture.get_session("current")).stats.encoded_frames < begun + 12:
            await asyncio.sleep(0.02)
    await viewer.acknowledge(units[-1].sequence)
    back = await viewer.unit()
    assert back.key
    assert back.dropped >= 8
    assert back.sequence - units[-1].sequence == back.dropped + 1
    following = await viewer.unit()
    assert not following.key
    viewer.call.cancel()


async def test_a_viewer_can_ask_for_a_keyframe(served: Served) -> None:
    _, stub = served
    viewer = await Watching(stub).begin()
    for _ in range(10):
        await viewer.unit()
    await viewer.request_keyframe()
    units = [await viewer.unit() for _ in range(30)]
    assert any(unit.key for unit in units)
    viewer.call.cancel()


async def test_a_preview_is_known_while_it_is_watched_and_not_longer(served: Served) -> None:
    studio, stub = served
    viewers = [await Watching(stub).begin() for _ in range(3)]
    ids = {viewer.start.preview_id for viewer in viewers}
    assert len(ids) == 3
    assert min(map(len, ids)) >= 24, "ids cannot be guessed"
    assert studio.capture.live_previews.watching == 3
    viewers[0].call.cancel()
    await until(lambda: studio.capture.live_previews.watching == 2, "one is gone")
    for call in (viewers[0].acknowledge(1), viewers[0].request_keyframe()):
        with pytest.raises(aio.AioRpcError) as refused:
            await call
        assert reason_of(refused.value) == "PREVIEW_NOT_FOUND"
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    await viewers[1].acknowledge(1)
    for viewer in viewers:
        viewer.call.cancel()
    await until(lambda: studio.capture.live_previews.watching == 0, "all are gone")


async def test_the_end_of_the_session_is_the_end_of_the_preview(served: Served) -> None:
    studio, stub = served
    viewer = await Watching(stub).begin()
    await viewer.unit()
    await studio.capture.stop_session(StopRequest("current", StopWhat.ALL), None)
    async with asyncio.timeout(20):
        async for _ in viewer.call:
            pass
    assert await viewer.call.code() is grpc.StatusCode.OK
    assert studio.capture.live_previews.watching == 0


async def test_the_session_goes_on_while_it_is_watched(served: Served) -> None:
    studio, stub = served
    viewers = [await Watching(stub).begin() for _ in range(4)]
    stats = (await studio.capture.get_session("current")).stats
    await asyncio.gather(*(read(viewer, 60) for viewer in viewers))
    session = await studio.capture.get_session("current")
    assert session.stats.encoded_frames - stats.encoded_frames >= 50
    assert session.duration > timedelta(seconds=2)
    for viewer in viewers:
        viewer.call.cancel()


async def read(viewer: Watching, count: int) -> None:
    for _ in range(count):
        await viewer.unit()
