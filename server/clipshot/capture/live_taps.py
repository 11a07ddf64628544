"""The live streams of a native session, as core reads them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from clipshot.capture.native_errors import translated
from clipshot.capture.ticks import to_time
from clipshot.core.capture.live_streams import AccessUnit, MediaChunk

# NAU
from clipshot_native import AccessUnit as NativeAccessUnit
from clipshot_native import Chunk, Session

T = TypeVar("T")


class NativeChunkTap:
    """The session's chunks for one reader. Implements :class:`clipshot.core.capture.live_streams.ChunkTap`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._subscription = session.subscribe()
        self.init_segment = self._subscription.init_segment() or b""

    @property
    def skipped(self) -> int:
        """Chunks left out for this reader so far."""
        return self._subscription.skipped

    async def read(self) -> Sequence[MediaChunk]:
        """What has come since the last call; empty when the session has ended."""
        with translated():
            taken = await _drained(self._subscription.fileno(), self._subscription.drain, self._has_ended)
        return [_chunk(chunk) for chunk in taken]

    def close(self) -> None:
        """Stop reading."""
        self._subscription.close()

    def _has_ended(self) -> bool:
        return not self._session.alive


class NativePreviewTap:
    """A preview for one viewer. Implements :class:`clipshot.core.capture.live_streams.PreviewTap`."""

    def __init__(self, session: Session, max_width: int) -> None:
        self._preview = session.open_preview(max_width)
        self.codec = self._preview.codec
        self.width = self._preview.width
        self.height = self._preview.height

    @property
    def skipped(self) -> int:
        """Pictures left out because they waited too long."""
        return self._preview.skipped

    async def read(self) -> Sequence[AccessUnit]:
        """What has come since the last call; empty when the session has ended."""
        with translated():
            taken = await _drained(self._preview.fileno(), self._preview.drain, self._has_ended)
        return [_access_unit(unit) for unit in taken]

    def request_keyframe(self) -> None:
        """Have a keyframe made soon."""
        self._preview.request_keyframe()

    def close(self) -> None:
        """Stop watching."""
        self._preview.close()

    def _has_ended(self) -> bool:
        return self._preview.ended


async def _drained(descriptor: int, drain: Callable[[], list[T]], has_ended: Callable[[], bool]) -> list[T]:
    """What waits, as soon as anything does; nothing once the stream has ended."""
    while True:
        # Asked first: what came before the end is then in what is drained after.
        ended = has_ended()
        taken = drain()
        if taken or ended:
            return taken
        await _readable(descriptor)


async def _readable(descriptor: int) -> None:
    """Watches only while somebody waits: a reader that is busy sending must not keep the loop awake."""
    loop = asyncio.get_running_loop()
    woken = loop.create_future()
    loop.add_reader(descriptor, _wake, woken)
    try:
        await woken
    finally:
        loop.remove_reader(descriptor)


def _wake(woken: "asyncio.Future[None]") -> None:
    if not woken.done():
        woken.set_result(None)


def _chunk(chunk: Chunk) -> MediaChunk:
    return MediaChunk(
        track=chunk.track,
        key=chunk.key,
        pts=to_time(chunk.pts_ticks),
        duration=to_time(chunk.duration_ticks),
        ready_ns=chunk.ready_ns,
        data=chunk.data,
    )


def _access_unit(unit: NativeAccessUnit) -> AccessUnit:
    return AccessUnit(
        sequence=unit.sequence,
        key=unit.key,
        pts=to_time(unit.pts_ticks),
        capture_ns=unit.capture_ns,
        ready_ns=unit.ready_ns,
        data=unit.data,
    )
