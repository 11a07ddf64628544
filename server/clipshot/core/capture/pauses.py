"""Pauses of a recording: session time goes on, the file has no gap."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Pause:
    """Session times between which nothing was recorded; ``end`` None while that goes on."""

    start: timedelta
    end: timedelta | None = None


@dataclass(frozen=True)
class Pauses:
    """All pauses of one recording since it began, in order; those of earlier parts included."""

    entries: tuple[Pause, ...] = ()

    @property
    def paused(self) -> bool:
        """The last one goes on."""
        return bool(self.entries) and self.entries[-1].end is None

    def begun(self, at: timedelta) -> "Pauses":
        """With one that begins at a session time."""
        return Pauses((*self.entries, Pause(at)))

    def ended(self, at: timedelta) -> "Pauses":
        """With the last one ended at a session time."""
        *before, last = self.entries
        return Pauses((*before, Pause(last.start, max(at, last.start))))

    def hold(self, at: timedelta) -> bool:
        """Whether nothing was recorded at a session time."""
        return any(pause.start <= at and (pause.end is None or at < pause.end) for pause in self.entries)

    def recorded(self, start: timedelta, end: timedelta) -> timedelta:
        """How much was recorded between two session times."""
        length = max(end - start, timedelta())
        for pause in self.entries:
            over = end if pause.end is None else min(pause.end, end)
            length -= max(over - max(pause.start, start), timedelta())
        return length

    def end_of(self, start: timedelta, length: timedelta) -> timedelta:
        """The session time at which so much was recorded since ``start``."""
        end = start + length
        for pause in self.entries:
            if pause.end is not None and start <= pause.start < end:
                end += pause.end - pause.start
        return end
