"""The live methods of CaptureService: chunks and previews.

They write to their context instead of yielding: when the caller goes, the cancellation comes out of that call, and so
what was opened is closed at once and not when a generator is collected.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from grpc import aio

from clipshot.api.converter import to_proto
from clipshot.core.capture.live_streams import MediaChunk
from clipshot.core.capture.service import CaptureService
from clipshot.gen.capture.v1 import capture_service_pb2, capture_service_pb2_grpc, stream_pb2

_Context = aio.ServicerContext[Any, Any]
_Start = capture_service_pb2.StreamPreviewResponse.Start

BATCH_BYTES = 512 * 1024
"""A message of chunks is full from here on: with one more keyframe it stays below the 4 MiB that clients take."""


class LiveMethods(capture_service_pb2_grpc.CaptureServiceServicer):
    """Live streams over gRPC; a base of the servicer."""

    _capture: CaptureService

    async def StreamChunks(  # type: ignore[override]  # the stubs know generators only
        self, request: capture_service_pb2.StreamChunksRequest, context: _Context
    ) -> None:
        """The init segment, then chunks until the session has ended."""
        async with self._capture.open_chunks(request.session_id) as tap:
            await context.write(capture_service_pb2.StreamChunksResponse(init_segment=tap.init_segment))
            while chunks := await tap.read():
                for batch in _batches(chunks):
                    message = capture_service_pb2.StreamChunksResponse(skipped=tap.skipped)
                    message.chunks.extend(to_proto(chunk, stream_pb2.MediaChunk) for chunk in batch)
                    await context.write(message)

    async def StreamPreview(  # type: ignore[override]
        self, request: capture_service_pb2.StreamPreviewRequest, context: _Context
    ) -> None:
        """What must be known to decode, then pictures until the session has ended."""
        watching = self._capture.live_previews.open(
            request.session_id, request.max_width, acknowledges=request.acknowledge
        )
        async with watching as viewer:
            await context.write(capture_service_pb2.StreamPreviewResponse(start=to_proto(viewer.start, _Start)))
            while unit := await viewer.next():
                picture = to_proto(unit, stream_pb2.AccessUnit)
                await context.write(capture_service_pb2.StreamPreviewResponse(access_unit=picture))

    async def AckPreview(
        self, request: capture_service_pb2.AckPreviewRequest, context: _Context
    ) -> capture_service_pb2.AckPreviewResponse:
        """A picture was decoded."""
        self._capture.live_previews.acknowledge(request.preview_id, request.sequence)
        return capture_service_pb2.AckPreviewResponse()

    async def RequestKeyframe(
        self, request: capture_service_pb2.RequestKeyframeRequest, context: _Context
    ) -> capture_service_pb2.RequestKeyframeResponse:
        """A keyframe is needed."""
        self._capture.live_previews.request_keyframe(request.preview_id)
        return capture_service_pb2.RequestKeyframeResponse()


def _batches(chunks: Sequence[MediaChunk]) -> Iterator[list[MediaChunk]]:
    batch: list[MediaChunk] = []
    size = 0
    for chunk in chunks:
        batch.append(chunk)
        size += len(chunk.data)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
