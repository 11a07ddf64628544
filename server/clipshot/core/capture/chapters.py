"""Chapters: what the markers of a session become in a file, and in the clip's facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from clipshot.core.capture.marker import Marker
from clipshot.core.capture.pauses import Pauses
from clipshot.core.clips.clip import ClipMarker


@dataclass(frozen=True)
class Chapter:
    """A part of a file with a name, from a session time until the next one, or until the file's end."""

    start: timedelta
    title: str


def markers_in(markers: Sequence[Marker], start: timedelta, pauses: Pauses) -> tuple[Marker, ...]:
    """The markers at or after a session time, without those set while nothing was recorded; in order."""
    found = (marker for marker in markers if marker.at >= start and not pauses.hold(marker.at))
    return tuple(sorted(found, key=lambda marker: marker.at))


def chapters_of(markers: Sequence[Marker]) -> tuple[Chapter, ...]:
    """A chapter from each marker on; of several at one moment the last."""
    return tuple(Chapter(at, label) for at, label in {marker.at: marker.label for marker in markers}.items())


def clip_markers(
    markers: Sequence[Marker], start: timedelta, length: timedelta, pauses: Pauses
) -> tuple[ClipMarker, ...]:
    """The markers of a file that begins at a session time, as the clip tells them; those after its end are left out.

    One that was set when recording began, a moment before its first picture, is at that picture.
    """
    placed = ((pauses.recorded(start, marker.at), marker) for marker in markers)
    return tuple(
        ClipMarker(at, min(marker.duration, length - at), marker.label, marker.kind.value)
        for at, marker in placed
        if at < length
    )
