"""Pictures that show nothing, or always the same."""

from collections.abc import Iterator
from datetime import timedelta

from clipshot.core.capture.diagnosis.hysteresis import Hysteresis
from clipshot.core.capture.diagnosis.reading import Reading, Symptom
from clipshot.core.capture.finding import FindingKind

BLACK_MEAN = 20.0
"""Luma on average up to which a picture is black: 16 is black in video range, the rest is for noise of scaling."""

BLACK_BRIGHTEST = 40
"""No sampled point may be brighter. A dark scene has lights, and a terminal has letters."""

BLACK_AFTER = 5.0
"""Seconds; fades and loading screens are shorter."""

BLACK_ENDS_AFTER = 1.0
"""Seconds."""


class BlackPicture:
    """The screen is off, or what is shown cannot be captured."""

    def __init__(self) -> None:
        self._black = Hysteresis(BLACK_AFTER, BLACK_ENDS_AFTER)

    def look(self, reading: Reading) -> Iterator[Symptom]:
        """What is found now."""
        stats = reading.stats
        black = stats.encoded_frames > 0 and stats.luma_mean <= BLACK_MEAN and reading.brightest <= BLACK_BRIGHTEST
        if self._black.look(reading.at, begins=black, ends=not black):
            yield Symptom(
                FindingKind.BLACK,
                "the picture is black; wake the screen, or capture the monitor where a window hides its picture",
            )


class FrozenPicture:
    """Nothing has moved for longer than ``after``; 0 never looks."""

    def __init__(self, after: timedelta) -> None:
        self._after = after

    def look(self, reading: Reading) -> Iterator[Symptom]:
        """What is found now."""
        still = reading.session_time - reading.stats.last_change
        if self._after and reading.stats.encoded_frames > 0 and still >= self._after:
            yield Symptom(
                FindingKind.FROZEN,
                "the picture has not changed for long; if it should, see whether the program still runs",
            )
