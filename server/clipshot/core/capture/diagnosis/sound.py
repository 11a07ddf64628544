"""Sound tracks that record silence."""

from collections.abc import Iterator
from datetime import timedelta

from clipshot.core.capture.audio import AudioTrack
from clipshot.core.capture.diagnosis.hysteresis import Hysteresis
from clipshot.core.capture.diagnosis.reading import Reading, Symptom
from clipshot.core.capture.finding import FindingKind

SILENT_AFTER = timedelta(minutes=5)
"""A desktop is quiet for minutes, a microphone that works is not."""

LOST_AFTER = 2.0
"""Seconds; a sound server that restarts needs less."""

BACK_AFTER = 1.0
"""Seconds."""


class SilentTracks:
    """A track that has heard nothing for long, though its device is there and it is not muted."""

    def look(self, reading: Reading) -> Iterator[Symptom]:
        """What is found now."""
        for track in reading.tracks:
            if not track.mixdown and track.connected and not track.muted and track.silent >= SILENT_AFTER:
                yield Symptom(
                    FindingKind.SILENT,
                    f"nothing is heard from {track.label!r}; unmute the device, or choose another",
                    subject_of(track),
                )


class LostDevices:
    """A device that is not there: its track records silence."""

    def __init__(self) -> None:
        self._lost: dict[int, Hysteresis] = {}

    def look(self, reading: Reading) -> Iterator[Symptom]:
        """What is found now."""
        for track in reading.tracks:
            lost = self._lost.setdefault(track.track, Hysteresis(LOST_AFTER, BACK_AFTER))
            gone = not track.mixdown and not track.connected
            if lost.look(reading.at, begins=gone, ends=not gone):
                yield Symptom(
                    FindingKind.AUDIO_LOST,
                    f"{track.device_id} is gone, so silence is recorded; plug it in again, and its sound is back",
                    subject_of(track),
                )


def subject_of(track: AudioTrack) -> str:
    """How findings name a track."""
    return f"track {track.track}"
