"""What is said to the person in front of the screen."""

from dataclasses import dataclass
from typing import Protocol

from clipshot.core.capture.finding import FindingKind
from clipshot.core.clips.clip import ClipOrigin
from clipshot.core.errors import ErrorKind
from clipshot.core.events.payloads import (
    ClipCreated,
    HealthChanged,
    OperationFinished,
    Payload,
    ReplayFailed,
)
from clipshot.core.operations.operation import OperationState


@dataclass(frozen=True)
class Announcement:
    """A line and a text; ``failed`` is bad news."""

    title: str
    text: str
    failed: bool = False


class Channel(Protocol):
    """A way to say it: on the desktop, or by a sound."""

    async def tell(self, announcement: Announcement) -> None:
        """Say it, or log why that cannot be; never raises an error of its own."""


_TITLES = {ClipOrigin.REPLAY: "Replay saved", ClipOrigin.RECORDED: "Recording saved"}
_FATAL = {FindingKind.RECORDING_DISK_FULL, FindingKind.RECORDING_FAILED}


def announcement_of(payload: Payload) -> Announcement | None:
    """What an event is to be announced as; None for what nobody waits for."""
    match payload:
        case ClipCreated(clip) if clip.origin in _TITLES:
            return Announcement(_TITLES[clip.origin], f"{clip.title}, {clip.duration.total_seconds():.1f} s")
        case ReplayFailed(error=error) if error.kind is not ErrorKind.CANCELLED:
            return Announcement("Replay not saved", error.message, failed=True)
        case HealthChanged(finding=finding, active=True, detail=detail) if finding in _FATAL:
            return Announcement("Recording ended", detail, failed=True)
        case OperationFinished(operation) if _lost(operation.kind, operation.state) and operation.error is not None:
            return Announcement("Recording not saved", operation.error.message, failed=True)
        case _:
            return None


def _lost(kind: str, state: OperationState) -> bool:
    return kind == "finish_recording" and state is OperationState.FAILED
