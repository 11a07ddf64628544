"""What of a session has been saved: where the next replay may begin, and what two of them share."""

import asyncio
from datetime import timedelta


class SavedRange:
    """The session times that a replay covers. ``end`` is None while it goes on after the call."""

    def __init__(self, start: timedelta, end: timedelta | None) -> None:
        self.start = start
        self.end = end
        self.written = False

    def cover(self, start: timedelta, end: timedelta) -> None:
        """Take the range as it is known now."""
        self.start, self.end = start, end

    def mark_written(self) -> None:
        """The file is a clip now."""
        self.written = True


class SavedRanges:
    """The newest replays of a session, oldest first: those that are clips, and those that are being made.

    One that is being made counts as the last save, since its moment is safe; where it fails or is given up, it does not
    count any more.
    """

    KEPT = 64
    """Ranges that are remembered; more than any buffer's worth of saves that overlap."""

    def __init__(self) -> None:
        self._ranges: list[SavedRange] = []
        self.turn = asyncio.Lock()
        """Held while a moment is pinned: the next one begins where it ends."""

    @property
    def last_end(self) -> timedelta | None:
        """Session time at which the last save ends; None when there is none, or only ones that still go on."""
        return max((each.end for each in self._ranges if each.end is not None), default=None)

    def add(self, saved: SavedRange) -> None:
        """A save began."""
        self._ranges.append(saved)
        del self._ranges[: -self.KEPT]

    def drop(self, saved: SavedRange) -> None:
        """A save came to nothing."""
        if saved in self._ranges:
            self._ranges.remove(saved)

    def overlap(self, saved: SavedRange) -> timedelta:
        """How much of a save the one before it, if it is a clip, also holds."""
        before = self._ranges[: self._ranges.index(saved)] if saved in self._ranges else []
        last = next((each for each in reversed(before)), None)
        if last is None or not last.written or last.end is None or saved.end is None:
            return timedelta()
        return max(min(last.end, saved.end) - max(last.start, saved.start), timedelta())
