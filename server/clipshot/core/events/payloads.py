"""What events carry, one class for each type.

Class names are the proto messages' names; the catalogue says which type each belongs to.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from clipshot.core.capture.finding import FindingKind
from clipshot.core.capture.marker import Marker
from clipshot.core.capture.screenshot import Screenshot
from clipshot.core.capture.session import Session, SessionStats
from clipshot.core.clips.clip import Clip
from clipshot.core.operations.operation import Operation, SavedClip
from clipshot.core.problem import Problem


class Payload:
    """Base of all payloads."""


@dataclass(frozen=True)
class SystemStarted(Payload):
    """The server is ready."""

    version: str
    after_crash: bool


@dataclass(frozen=True)
class SystemStopping(Payload):
    """The server ends."""

    reason: str


@dataclass(frozen=True)
class SystemDegraded(Payload):
    """A part of the server works worse, or works again."""

    component: str
    detail: str
    recovered: bool = False


@dataclass(frozen=True)
class StorageLow(Payload):
    """A disk is filling up."""

    path: str
    free_bytes: int


@dataclass(frozen=True)
class ConfigChanged(Payload):
    """Settings changed; ``origin`` is api or file."""

    names: tuple[str, ...]
    restart_needed: tuple[str, ...]
    origin: str


@dataclass(frozen=True)
class ConfigRejected(Payload):
    """The settings file cannot be used; the last good values stay in force."""

    path: str
    reason: str
    line: int
    name: str


@dataclass(frozen=True)
class SessionStarted(Payload):
    """A session captures."""

    session: Session


@dataclass(frozen=True)
class SessionUpdated(Payload):
    """A session records or buffers more, or less, than before."""

    session: Session


@dataclass(frozen=True)
class SessionPaused(Payload):
    """The recording of a session is paused."""

    session: Session


@dataclass(frozen=True)
class SessionResumed(Payload):
    """A paused recording goes on."""

    session: Session


@dataclass(frozen=True)
class SessionSplit(Payload):
    """A recording goes on in a new file; ``part`` is the number of the one that ended."""

    session: Session
    operation_id: str
    part: int


@dataclass(frozen=True)
class ScreenshotTaken(Payload):
    """A screenshot was taken."""

    session_id: str
    source_id: str
    screenshot: Screenshot


@dataclass(frozen=True)
class SessionStopped(Payload):
    """A session ended as asked."""

    session: Session


@dataclass(frozen=True)
class SessionFailed(Payload):
    """A session ended by a fault."""

    session: Session


@dataclass(frozen=True)
class SessionRecovered(Payload):
    """What a crash had interrupted is a clip now; ``what`` is recording, replay_buffer or replay."""

    session_id: str
    clip_id: str
    what: str


@dataclass(frozen=True)
class SourceLost(Payload):
    """The source of a session is gone."""

    session_id: str
    source_id: str
    detail: str


@dataclass(frozen=True)
class HealthChanged(Payload):
    """A finding about a session began or ended."""

    session_id: str
    finding: FindingKind
    active: bool
    detail: str
    subject: str = ""


@dataclass(frozen=True)
class ReplayPinned(Payload):
    """The moment of a replay is safe; its file is being written."""

    session_id: str
    operation_id: str
    start: timedelta
    end: timedelta


@dataclass(frozen=True)
class ReplaySaved(Payload):
    """A replay is a clip now."""

    session_id: str
    operation_id: str
    saved_clip: SavedClip


@dataclass(frozen=True)
class ReplayFailed(Payload):
    """A replay could not be saved."""

    session_id: str
    operation_id: str
    error: Problem


@dataclass(frozen=True)
class MarkerAdded(Payload):
    """A marker was set."""

    marker: Marker


@dataclass(frozen=True)
class MarkerRemoved(Payload):
    """A marker was removed."""

    marker: Marker


@dataclass(frozen=True)
class StatsReported(Payload):
    """Counters of a session."""

    session_id: str
    stats: SessionStats


@dataclass(frozen=True)
class ClipCreated(Payload):
    """A clip was made."""

    clip: Clip


@dataclass(frozen=True)
class ClipUpdated(Payload):
    """Facts of a clip changed."""

    clip: Clip
    changed_fields: tuple[str, ...]


@dataclass(frozen=True)
class ClipTrashed(Payload):
    """A clip was moved to the trash."""

    clip: Clip


@dataclass(frozen=True)
class ClipRestored(Payload):
    """A clip was taken out of the trash."""

    clip: Clip


@dataclass(frozen=True)
class ClipDeleted(Payload):
    """A clip and its file were deleted for good."""

    clip_id: str
    freed_bytes: int


@dataclass(frozen=True)
class ClipDamaged(Payload):
    """A clip's file is missing or cannot be read."""

    clip_id: str
    detail: str


@dataclass(frozen=True)
class OperationStarted(Payload):
    """Long work began."""

    operation: Operation


@dataclass(frozen=True)
class OperationProgress(Payload):
    """Long work went on."""

    operation: Operation


@dataclass(frozen=True)
class OperationFinished(Payload):
    """Long work ended."""

    operation: Operation


@dataclass(frozen=True)
class Custom(Payload):
    """An event that a caller published: a JSON object."""

    fields: dict[str, Any] = field(default_factory=dict)
