"""What callers ask of capture. Field names are those of the API."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from clipshot.core.capture.audio import AudioConfig
from clipshot.core.capture.encoder import VideoConfig
from clipshot.core.capture.marker import MarkerKind
from clipshot.core.capture.session import SessionMode
from clipshot.core.operations.operation import StartRule

CURRENT = "current"
"""Stands for the session that buffers, or else the newest that captures."""


class StopWhat(StrEnum):
    """What of a session is to be stopped."""

    RECORDING = "recording"
    REPLAY = "replay"
    ALL = "all"


@dataclass(frozen=True)
class StartRequest:
    """Start to record, to buffer, or both. ``source_id`` '' is the primary source; None takes the default."""

    source_id: str = ""
    mode: SessionMode = SessionMode.RECORD
    video: VideoConfig | None = None
    replay_duration: timedelta | None = None
    title: str = ""
    draw_cursor: bool | None = None
    audio: AudioConfig | None = None


@dataclass(frozen=True)
class StopRequest:
    """Stop a part of a session, or all; ``discard`` throws the recording away."""

    session_id: str
    what: StopWhat = StopWhat.ALL
    discard: bool = False


@dataclass(frozen=True)
class SaveRequest:
    """Save the last ``duration`` (None: all that is held) as a clip; ``no_wait`` does not wait for the file."""

    session_id: str
    duration: timedelta | None = None
    start: StartRule = StartRule.CLEAN
    title: str = ""
    tags: tuple[str, ...] = ()
    no_wait: bool = False


@dataclass(frozen=True)
class MarkerRequest:
    """Mark a moment; ``at`` is session time, None is now."""

    session_id: str
    at: timedelta | None = None
    duration: timedelta = timedelta()
    label: str = ""
    kind: MarkerKind = MarkerKind.USER
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AudioTrackRequest:
    """Change gain (decibels) or mute of one sound track, counted from 1; None leaves as it is."""

    session_id: str
    track: int
    gain_db: float | None = None
    muted: bool | None = None
