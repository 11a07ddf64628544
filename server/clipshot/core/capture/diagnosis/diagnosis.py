"""All rules on one session."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

from clipshot.core.capture.diagnosis.disk import FillingDisk
from clipshot.core.capture.diagnosis.losses import BusyEncoder, DroppedPictures
from clipshot.core.capture.diagnosis.picture import BlackPicture, FrozenPicture
from clipshot.core.capture.diagnosis.reading import Reading, Symptom
from clipshot.core.capture.diagnosis.sound import LostDevices, SilentTracks
from clipshot.core.capture.finding import FindingKind

JUDGED = frozenset(
    {
        FindingKind.BLACK,
        FindingKind.FROZEN,
        FindingKind.SILENT,
        FindingKind.AUDIO_LOST,
        FindingKind.DROPPING,
        FindingKind.ENCODER_OVERLOADED,
        FindingKind.DISK_FILLING,
    }
)
"""What readings tell; all else is reported by sessions themselves."""


class Rule(Protocol):
    """Sees one kind of thing; keeps what it must remember for it."""

    def look(self, reading: Reading) -> Iterator[Symptom]:
        """What is found now, after this reading."""


class Diagnosis:
    """Judges one session by readings in the order of time."""

    def __init__(self, *, frozen_after: timedelta) -> None:
        self._rules: tuple[Rule, ...] = (
            BlackPicture(),
            FrozenPicture(frozen_after),
            SilentTracks(),
            LostDevices(),
            DroppedPictures(),
            BusyEncoder(),
            FillingDisk(),
        )

    def look(self, reading: Reading) -> tuple[Symptom, ...]:
        """All that is found now."""
        return tuple(symptom for rule in self._rules for symptom in rule.look(reading))
