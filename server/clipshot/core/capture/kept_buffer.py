"""A replay buffer while it runs: how long it is, what must stay in it longer, and where it begins anew."""

from datetime import timedelta

from clipshot.core.capture.ports import LiveSession
from clipshot.core.capture.post_roll import PostRoll

MARGIN = timedelta(seconds=12)
"""Kept beyond what a hold needs: the longest keyframe interval, and the time until the moment is pinned."""


class KeptBuffer:
    """The buffer of a running session.

    A save that goes on after its call holds its beginning: the buffer is longer until that is done, and what is to be
    forgotten meanwhile goes only then.
    """

    def __init__(self, live: LiveSession, length: timedelta, max_bytes: int) -> None:
        self._live = live
        self._max_bytes = max_bytes
        self._holds: dict[PostRoll, int] = {}
        self._floors: list[timedelta] = []
        self._forgotten = timedelta()
        self._flushed = timedelta()
        self._closed = False
        self.length = length

    @property
    def floor(self) -> timedelta | None:
        """Session time before which nothing is saved any more; None where all that is held may be."""
        return max(self._floors, default=None)

    @property
    def post_rolls(self) -> tuple[PostRoll, ...]:
        """Saves that go on after their call, oldest first."""
        return tuple(self._holds)

    def resize(self, length: timedelta, max_bytes: int | None = None) -> None:
        """Keep so much from now on; ``max_bytes`` None leaves the limit as it is."""
        self.length = length
        self._max_bytes = max_bytes or self._max_bytes
        self._apply()

    def begin_anew(self, at: timedelta) -> None:
        """Saves to come take nothing before a session time: that is being saved."""
        self._floors.append(at)

    def undo_begin(self, at: timedelta) -> None:
        """What was being saved was not; it may be taken again."""
        if at in self._floors:
            self._floors.remove(at)

    def forget(self, before: timedelta) -> None:
        """Free what lies before a session time, as soon as nobody holds it."""
        self._forgotten = max(self._forgotten, before)
        self._flush()

    def hold(self, roll: PostRoll, most_bytes: int) -> None:
        """Keep everything from the beginning of a save on; until it ends at most ``most_bytes`` are added."""
        self._holds[roll] = most_bytes
        self._apply()

    def release(self, roll: PostRoll) -> None:
        """The save is pinned, or was given up."""
        if self._holds.pop(roll, None) is not None:
            self._apply()
            self._flush()

    def close(self) -> None:
        """The buffer ends; what is said from now on is of no consequence."""
        self._closed = True

    def _apply(self) -> None:
        if self._closed:
            return
        needed = max((roll.until - roll.start + MARGIN for roll in self._holds), default=timedelta())
        self._live.resize_buffer(max(self.length, needed), self._max_bytes + sum(self._holds.values()))

    def _flush(self) -> None:
        target = min((self._forgotten, *(roll.start for roll in self._holds)))
        if not self._closed and target > self._flushed:
            self._live.flush_buffer(target)
            self._flushed = target
