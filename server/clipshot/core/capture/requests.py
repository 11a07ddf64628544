"""What callers ask of capture. Field names are those of the API."""

from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum

from clipshot.core.capture.audio import AudioConfig
from clipshot.core.capture.encoder import RateControl, VideoConfig
from clipshot.core.capture.marker import MarkerKind
from clipshot.core.capture.session import SessionMode
from clipshot.core.capture.split_rule import SplitRule
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
    game: str = ""
    split: SplitRule | None = None


@dataclass(frozen=True)
class StopRequest:
    """Stop a part of a session, or all; ``discard`` throws the recording away."""

    session_id: str
    what: StopWhat = StopWhat.ALL
    discard: bool = False


@dataclass(frozen=True)
class SaveRequest:
    """Save the last ``duration`` (None: all that is held) as a clip; ``no_wait`` does not wait for the file.

    ``since_last_save`` begins where the save before ended, ``post_roll`` goes on after the call, ``flush`` forgets what
    was saved; ``game`` '' is the session's.
    """

    session_id: str
    duration: timedelta | None = None
    start: StartRule = StartRule.CLEAN
    title: str = ""
    tags: tuple[str, ...] = ()
    no_wait: bool = False
    since_last_save: bool = False
    post_roll: timedelta = timedelta()
    flush: bool = False
    game: str = ""


@dataclass(frozen=True)
class UpdateRequest:
    """Change a running session; None leaves as it is. An empty ``split`` ends the rule."""

    session_id: str
    rate_control: RateControl | None = None
    replay_duration: timedelta | None = None
    title: str | None = None
    draw_cursor: bool | None = None
    game: str | None = None
    split: SplitRule | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of what is to be changed."""
        names = (field.name for field in fields(self) if field.name != "session_id")
        return tuple(name for name in names if getattr(self, name) is not None)


@dataclass(frozen=True)
class SplitRequest:
    """Go on recording into a new file; ``title`` is that of the part which begins, '' numbers the recording's."""

    session_id: str
    title: str = ""


class ToggleWhat(StrEnum):
    """What of a source is switched."""

    RECORDING = "recording"
    REPLAY = "replay"


@dataclass(frozen=True)
class ToggleRequest:
    """Switch the recording or the buffer of a source; '' is the one that is captured, else the primary source."""

    source_id: str = ""
    what: ToggleWhat = ToggleWhat.RECORDING


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
