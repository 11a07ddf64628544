"""How long the disk lasts at the rate at which recordings grow."""

from collections import deque
from collections.abc import Iterator
from datetime import timedelta

from clipshot.core.capture.diagnosis.hysteresis import Hysteresis
from clipshot.core.capture.diagnosis.reading import Reading, Symptom
from clipshot.core.capture.finding import FindingKind

GROWTH_WINDOW = 60.0
"""Seconds over which growth is measured: long enough that a quiet scene does not hide a full disk."""

GROWTH_LEAST = 5.0
"""Seconds that are needed for a first answer."""

FILLING_BELOW = timedelta(minutes=15)
"""Time until full from which it is told: enough to make room without hurry."""

FILLING_ABOVE = timedelta(minutes=20)
"""Time until full from which the disk counts as well again."""

FILLING_HOLDS = 3.0
"""Seconds that either must last."""


class Growth:
    """Bytes a second by which one recording grows."""

    def __init__(self) -> None:
        self._sizes: deque[tuple[float, int]] = deque()

    def look(self, at: float, size_bytes: int) -> None:
        """Take the size of now. A smaller one is that of a new file."""
        if self._sizes and size_bytes < self._sizes[-1][1]:
            self._sizes.clear()
        self._sizes.append((at, size_bytes))
        while len(self._sizes) > 2 and at - self._sizes[1][0] >= GROWTH_WINDOW:
            self._sizes.popleft()

    @property
    def bytes_per_second(self) -> float:
        """The rate; 0 while it is not known."""
        if not self._sizes:
            return 0.0
        (first_at, first), (last_at, last) = self._sizes[0], self._sizes[-1]
        if last_at - first_at < GROWTH_LEAST:
            return 0.0
        return (last - first) / (last_at - first_at)


def until_full(free_bytes: int, bytes_per_second: float) -> timedelta | None:
    """When nothing is left; None at no growth, or later than a year."""
    if bytes_per_second <= 0:
        return None
    seconds = free_bytes / bytes_per_second
    return timedelta(seconds=seconds) if seconds < timedelta(days=365).total_seconds() else None


class FillingDisk:
    """The disk of the recordings will be full soon."""

    def __init__(self) -> None:
        self._filling = Hysteresis(FILLING_HOLDS, FILLING_HOLDS)

    def look(self, reading: Reading) -> Iterator[Symptom]:
        """What is found now."""
        left = reading.until_full
        soon = left is not None and left < FILLING_BELOW
        late = left is None or left >= FILLING_ABOVE
        if self._filling.look(reading.at, begins=soon, ends=late):
            yield Symptom(FindingKind.DISK_FILLING, f"{_in_words(left)}; make room, or lower the bitrate")


def _in_words(left: timedelta | None) -> str:
    if left is None:
        return "the disk of the recordings was filling up"
    minutes = round(left.total_seconds() / 60)
    when = f"in about {minutes} min" if minutes > 1 else "within two minutes"
    return f"the disk of the recordings is full {when}"
