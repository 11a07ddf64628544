"""The stream of a session as it happens: for programs as CMAF chunks, for people's eyes as a preview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True)
class MediaChunk:
    """One packet as a CMAF chunk (moof and mdat).

    ``track`` 0 is the picture; ``key`` says that decoding can start here; ``pts`` is session time; ``ready_ns`` is the
    monotonic clock when the encoder's packet was a chunk.
    """

    track: int
    key: bool
    pts: timedelta
    duration: timedelta
    ready_ns: int
    data: bytes


@dataclass(frozen=True)
class AccessUnit:
    """One encoded picture of a preview: H.264 in Annex B form, parameter sets before each keyframe.

    ``sequence`` rises, and skips with pictures that were left out; the times in nanoseconds are of the monotonic clock.
    ``sent_ns`` and ``dropped`` are those of one viewer, 0 until the picture is handed to one.
    """

    sequence: int
    key: bool
    pts: timedelta
    capture_ns: int
    ready_ns: int
    data: bytes
    sent_ns: int = 0
    dropped: int = 0


class ChunkTap(Protocol):
    """The session's own chunks for one reader, from the last keyframe on.

    What waits for the reader is bounded; a slow one skips to a keyframe. Nobody waits for it.
    """

    @property
    def init_segment(self) -> bytes:
        """What must come before the chunks: ftyp and moov."""

    @property
    def skipped(self) -> int:
        """Chunks left out for this reader so far."""

    async def read(self) -> Sequence[MediaChunk]:
        """What has come since the last call, at least one chunk; empty when the session has ended."""

    def close(self) -> None:
        """Stop reading; again does nothing."""


class PreviewTap(Protocol):
    """A live preview for one viewer, from a second encoder that all viewers of a size share."""

    @property
    def codec(self) -> str:
        """Codec for WebCodecs, such as ``avc1.42c01f``."""

    @property
    def width(self) -> int:
        """Width of the pictures in pixels."""

    @property
    def height(self) -> int:
        """Height of the pictures in pixels."""

    @property
    def skipped(self) -> int:
        """Pictures left out before this viewer was asked about them."""

    async def read(self) -> Sequence[AccessUnit]:
        """What has come since the last call, at least one picture; empty when the session has ended."""

    def request_keyframe(self) -> None:
        """Have a keyframe made soon; at most a few a second are, for all viewers together."""

    def close(self) -> None:
        """Stop watching; the encoder goes with the last viewer. Again does nothing."""
