"""The session's own stream over gRPC: it plays, a slow reader skips, and nobody waits for it."""

import asyncio
import io
from datetime import timedelta
from pathlib import Path

import av
import grpc
import pytest
from grpc import aio

from clipshot.core.capture.encoder import RateControl, VideoConfig
from clipshot.core.capture.requests import StartRequest, StopRequest, StopWhat
from clipshot.core.capture.session import SessionMode
from clipshot.gen.capture.v1 import capture_service_pb2 as messages
from tests.integration.live_server import live_studio
from tests.integration.studio import SOURCE, Studio
from tests.reasons import reason_of

HEAVY = VideoConfig(
    preset="ultrafast", fps=30, rate_control=RateControl(crf=0), keyframe_interval=timedelta(milliseconds=100)
)
"""Much in a short time: what waits for one reader is bounded by bytes."""


async def begin_heavy(studio: Studio) -> str:
    request = StartRequest(SOURCE, SessionMode.RECORD, HEAVY)
    return (await studio.capture.start_session(request, None)).session_id


async def test_the_stream_plays_and_ends_with_the_session(tmp_path: Path) -> None:
    async with live_studio(tmp_path) as (studio, stub):
        session = await studio.begin(SessionMode.RECORD, 1.5)
        stream = stub.StreamChunks(messages.StreamChunksRequest(session_id="current"))
        answers = aiter(stream)
        first = await anext(answers)
        assert first.init_segment[4:8] == b"ftyp"
        assert not first.chunks
        chunks: list[bytes] = []
        times: list[timedelta] = []
        async for message in answers:
            assert not message.init_segment
            assert message.skipped == 0
            if not chunks:
                assert message.chunks[0].key
                assert message.chunks[0].pts.ToTimedelta() > timedelta(seconds=0.4), "the last keyframe, not the first"
            chunks += [chunk.data for chunk in message.chunks]
            times += [chunk.pts.ToTimedelta() for chunk in message.chunks]
            if len(chunks) > 40 and session:
                await studio.capture.stop_session(StopRequest(session.session_id, StopWhat.ALL), None)
                session = None
        assert times == sorted(set(times))
        with av.open(io.BytesIO(b"".join([first.init_segment, *chunks]))) as container:
            assert len(list(container.decode(video=0))) == len(chunks)


async def test_a_reader_that_never_reads_delays_nobody_and_skips_to_a_keyframe(tmp_path: Path) -> None:
    async with live_studio(tmp_path) as (studio, stub):
        session_id = await begin_heavy(studio)
        request = messages.StreamChunksRequest(session_id=session_id)
        lazy, eager = stub.StreamChunks(request), stub.StreamChunks(request)
        late = aiter(lazy)
        await anext(late)
        seen = total = 0
        async for message in eager:
            assert message.skipped == 0
            seen += len(message.chunks)
            total += sum(len(chunk.data) for chunk in message.chunks)
            if total > 48 << 20:  # more than may wait for one reader, what the connection holds included
                break
        eager.cancel()
        async for message in late:
            if message.skipped:
                break
        assert message.chunks[0].key
        lazy.cancel()
        stats = (await studio.capture.get_session(session_id)).stats
        assert stats.encoded_frames >= seen
        assert set(stats.dropped_frames) == {"encode", "late", "queue"}


async def test_a_session_that_is_not_there_has_no_stream(tmp_path: Path) -> None:
    async with live_studio(tmp_path) as (studio, stub):
        for session_id, reason in (("current", "NOTHING_CAPTURED"), ("ses_none", "SESSION_NOT_FOUND")):
            stream = stub.StreamChunks(messages.StreamChunksRequest(session_id=session_id))
            with pytest.raises(aio.AioRpcError) as refused:
                await stream.read()
            assert reason_of(refused.value) == reason
        session = await studio.begin(SessionMode.RECORD, 0.1)
        await studio.capture.stop_session(StopRequest(session.session_id, StopWhat.ALL, discard=True), None)
        stream = stub.StreamChunks(messages.StreamChunksRequest(session_id=session.session_id))
        with pytest.raises(aio.AioRpcError) as refused:
            await stream.read()
        assert reason_of(refused.value) == "SESSION_ENDED"


async def test_the_stop_of_the_server_ends_the_stream(tmp_path: Path) -> None:
    async with live_studio(tmp_path) as (studio, stub):
        await studio.begin(SessionMode.RECORD, 0.1)
        stream = stub.StreamChunks(messages.StreamChunksRequest(session_id="current"))
        answers = aiter(stream)
        await anext(answers)
        await studio.capture.stop()
        async with asyncio.timeout(20):
            async for _ in answers:
                pass
        assert await stream.code() is grpc.StatusCode.OK
