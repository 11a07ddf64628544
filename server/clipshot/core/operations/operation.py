"""An operation: work that takes longer than a call should."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from clipshot.core.problem import Problem


class OperationState(StrEnum):
    """Where the work stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Nothing more happens to it."""
        return self not in (OperationState.PENDING, OperationState.RUNNING)


class StartRule(StrEnum):
    """Which picture a saved file starts with."""

    CLEAN = "clean"
    KEYFRAME = "keyframe"


@dataclass(frozen=True)
class SavedClip:
    """A clip that an operation has saved. ``actual_start`` and ``actual_end`` are session times."""

    clip_id: str
    path: str
    duration: timedelta
    size_bytes: int
    actual_start: timedelta
    actual_end: timedelta
    start_rule: StartRule
    frames: int
    fallback_reason: str = ""
    overlap_with_previous: timedelta = timedelta()


@dataclass(frozen=True)
class Operation:
    """Work that takes longer than a call should. ``progress`` is 0..1; times are UTC."""

    operation_id: str
    kind: str
    state: OperationState
    progress: float
    stage: str
    create_time: datetime
    update_time: datetime
    resource: str
    end_time: datetime | None = None
    error: Problem | None = None
    saved_clip: SavedClip | None = None
