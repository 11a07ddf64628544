"""What a session should not be like."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FindingKind(StrEnum):
    """What can be found."""

    RING_IN_MEMORY = "ring_in_memory"
    RECORDING_DISK_FULL = "recording_disk_full"
    RECORDING_FAILED = "recording_failed"
    RING_FAILED = "ring_failed"
    ENCODER_FAILED = "encoder_failed"
    BLACK = "black"
    FROZEN = "frozen"
    SILENT = "silent"
    DROPPING = "dropping"
    DISK_FILLING = "disk_filling"
    ENCODER_OVERLOADED = "encoder_overloaded"
    AUDIO_LOST = "audio_lost"
    ENCODER_FELL_BACK = "encoder_fell_back"
    AUDIO_UNAVAILABLE = "audio_unavailable"
    SOURCE_RESIZED = "source_resized"


@dataclass(frozen=True)
class Finding:
    """Something found, since when, and what to do; ``subject`` is the stage or track, '' when it is about all."""

    kind: FindingKind
    since: datetime
    detail: str
    subject: str = ""
