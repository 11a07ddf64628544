"""A session: one source, one encoder, and what is done with its stream."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from clipshot.core.capture.audio import AudioTrack
from clipshot.core.capture.encoder import VideoConfig
from clipshot.core.capture.finding import Finding
from clipshot.core.capture.split_rule import SplitRule
from clipshot.core.problem import Problem


class SessionState(StrEnum):
    """Where a session stands."""

    STARTING = "starting"
    ACTIVE = "active"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    PAUSED = "paused"

    @property
    def ended(self) -> bool:
        """Nothing more happens to it."""
        return self in (SessionState.STOPPED, SessionState.FAILED)


class SessionMode(StrEnum):
    """What is done with the stream."""

    RECORD = "record"
    REPLAY = "replay"
    BOTH = "both"

    @classmethod
    def of(cls, *, recording: bool, buffering: bool) -> "SessionMode":
        """The mode in which these two are on."""
        if recording and buffering:
            return cls.BOTH
        return cls.REPLAY if buffering else cls.RECORD


@dataclass(frozen=True)
class Recording:
    """The file a session appends to; times are wall clock, length so far. ``part`` counts from 1."""

    path: str
    start_time: datetime
    duration: timedelta
    size_bytes: int
    paused: bool = False
    part: int = 1
    split: SplitRule | None = None


@dataclass(frozen=True)
class SessionStats:
    """Counters since the session's start; rates, latency and load over the last two seconds.

    ``encoder_load`` is the busy share of the encoder (1: all of its time), ``luma_mean`` the brightness of the newest
    picture (0..255), ``last_change`` the session time of the last picture that differed from the one before.
    """

    captured_frames: int = 0
    keepalive_frames: int = 0
    encoded_frames: int = 0
    dropped_frames: dict[str, int] = field(default_factory=dict)
    encoded_bytes: int = 0
    fps: float = 0.0
    bitrate_kbps: float = 0.0
    encode_latency: timedelta = timedelta()
    encoder_load: float = 0.0
    luma_mean: float = 0.0
    last_change: timedelta = timedelta()


@dataclass(frozen=True)
class Session:
    """One source, one encoder, and what is done with its stream. Times are UTC; durations are session time.

    ``active_encoder`` is the one in use; it differs from that of ``video`` after a fall back.
    """

    session_id: str
    source_id: str
    backend: str
    title: str
    state: SessionState
    mode: SessionMode
    start_time: datetime
    video: VideoConfig
    end_time: datetime | None = None
    duration: timedelta = timedelta()
    stats: SessionStats = field(default_factory=SessionStats)
    recording: Recording | None = None
    replay_duration: timedelta | None = None
    error: Problem | None = None
    audio: tuple[AudioTrack, ...] = ()
    findings: tuple[Finding, ...] = ()
    active_encoder: str = ""
    game: str = ""
    draw_cursor: bool = True

    @property
    def dropped(self) -> int:
        """Pictures that came late or were lost, of all stages."""
        return sum(self.stats.dropped_frames.values())
