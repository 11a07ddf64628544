"""A clip: a file with a moment in it, and what is known about it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class ClipOrigin(StrEnum):
    """Where a clip comes from."""

    RECORDED = "recorded"
    REPLAY = "replay"
    RECOVERED = "recovered"


class ClipState(StrEnum):
    """Where a clip stands."""

    READY = "ready"
    DAMAGED = "damaged"
    TRASHED = "trashed"


@dataclass(frozen=True)
class ClipVideo:
    """Pictures of a clip. Sizes in pixels."""

    codec: str
    width: int
    height: int
    fps: float
    frames: int


@dataclass(frozen=True)
class ClipAudio:
    """One sound track of a clip's file."""

    label: str
    codec: str
    channels: int
    sample_rate_hz: int


@dataclass(frozen=True)
class ClipMarker:
    """A marked moment; ``at`` is time in the clip, ``kind`` what set it."""

    at: timedelta
    duration: timedelta
    label: str
    kind: str


@dataclass(frozen=True)
class Clip:
    """A file with a moment in it. Times are UTC; ``session_start`` is session time; ``etag`` changes with each change.

    ``damaged`` is kept beside ``trashed``, since a clip can be both.
    """

    clip_id: str
    session_id: str
    origin: ClipOrigin
    title: str
    create_time: datetime
    update_time: datetime
    start_time: datetime
    session_start: timedelta
    duration: timedelta
    size_bytes: int
    path: str
    container: str
    video: ClipVideo
    etag: str
    description: str = ""
    tags: tuple[str, ...] = ()
    favourite: bool = False
    protected: bool = False
    rating: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    damaged: bool = False
    expire_time: datetime | None = None
    audio: tuple[ClipAudio, ...] = ()
    markers: tuple[ClipMarker, ...] = ()
    game: str = ""

    @property
    def state(self) -> ClipState:
        """Where the clip stands: the trash hides damage."""
        if self.expire_time is not None:
            return ClipState.TRASHED
        return ClipState.DAMAGED if self.damaged else ClipState.READY
