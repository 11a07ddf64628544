"""A session at one moment, as the rules see it."""

from dataclasses import dataclass
from datetime import timedelta

from clipshot.core.capture.audio import AudioTrack
from clipshot.core.capture.finding import FindingKind
from clipshot.core.capture.session import SessionStats


@dataclass(frozen=True)
class Reading:
    """What was read at ``at``, seconds of a monotonic clock.

    ``brightest`` is the luma of the brightest of the points that are sampled of the newest picture, 0..255;
    ``until_full`` the time until the disk of the recordings is full at the rate at which they grow, None where nothing
    is recorded or the rate is not known yet.
    """

    at: float
    session_time: timedelta
    stats: SessionStats
    brightest: int
    tracks: tuple[AudioTrack, ...] = ()
    until_full: timedelta | None = None


@dataclass(frozen=True)
class Symptom:
    """What a rule sees now; ``subject`` is the stage or track, ``detail`` says what to do."""

    kind: FindingKind
    detail: str
    subject: str = ""
