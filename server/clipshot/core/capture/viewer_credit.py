"""What one viewer of a preview is sent, and what is left out so that it never sees the past.

Sockets and players swallow megabytes before anything pushes back: a slow viewer would see pictures that are seconds
old while no queue of ours is full. So a viewer acknowledges what it has decoded, and gets only so much past that.
"""

from collections import deque

from clipshot.core.capture.live_streams import AccessUnit

MOST_UNACKNOWLEDGED = 10
"""Pictures past the last acknowledged one, at most: a third of a second at 30 a second, more than a round trip needs. A
viewer of half the speed takes two thirds of a second for them, and so never sees anything older than 0.8 s."""

RESUME_UNACKNOWLEDGED = 3
"""From here on a viewer that was behind counts as level again. It acknowledges each third picture at least."""

MOST_AGE_NS = 300_000_000
"""A picture that waited longer since it was encoded is not worth sending."""

KEYFRAME_GAP_NS = 250_000_000
"""Between two requests for a keyframe: the encoder makes at most four a second."""

PROBE_NS = 1_000_000_000
"""A viewer that is behind and silent gets one keyframe in this time, so that a lost acknowledgement is no end."""


class ViewerCredit:
    """Decides picture by picture. Times are those of the monotonic clock, in nanoseconds.

    A viewer that does not acknowledge is only kept from pictures that are too old.
    """

    def __init__(self, *, acknowledges: bool) -> None:
        self._acknowledges = acknowledges
        self._unacknowledged: deque[int] = deque(maxlen=MOST_UNACKNOWLEDGED)
        self._needs_keyframe = True  # nothing can be decoded before the first
        self._behind = False
        self._asked_ns: int | None = None
        self._probed_ns = 0
        self.dropped = 0

    def admit(self, unit: AccessUnit, now_ns: int) -> bool:
        """Whether the viewer is sent this picture; the next ones depend on it."""
        if now_ns - unit.ready_ns > MOST_AGE_NS:
            return self._drop()
        if self._acknowledges and len(self._unacknowledged) >= MOST_UNACKNOWLEDGED and not self._behind:
            self._behind, self._probed_ns = True, now_ns
        if self._behind and not self._level:
            return self._probe(unit, now_ns) or self._drop()
        if self._needs_keyframe and not unit.key:
            return self._drop()
        if self._behind:
            # The way is free again. This keyframe and all before it count as seen: were the pictures that were left
            # out to be acknowledged too, the credit would never come back.
            self._behind = False
            self._unacknowledged.clear()
        elif self._acknowledges:
            self._unacknowledged.append(unit.sequence)
        self._needs_keyframe = False
        return True

    def acknowledge(self, sequence: int) -> None:
        """The viewer has decoded all up to this picture."""
        while self._unacknowledged and self._unacknowledged[0] <= sequence:
            self._unacknowledged.popleft()

    def wants_keyframe(self, now_ns: int) -> bool:
        """Whether to ask for a keyframe now; asking is up to the caller, who is told so once in KEYFRAME_GAP_NS."""
        if not self._needs_keyframe or not (self._level or self._probe_due(now_ns)):
            return False
        if self._asked_ns is not None and now_ns - self._asked_ns < KEYFRAME_GAP_NS:
            return False
        self._asked_ns = now_ns
        return True

    @property
    def _level(self) -> bool:
        return len(self._unacknowledged) <= (RESUME_UNACKNOWLEDGED if self._behind else MOST_UNACKNOWLEDGED)

    def _probe_due(self, now_ns: int) -> bool:
        return now_ns - self._probed_ns >= PROBE_NS

    def _probe(self, unit: AccessUnit, now_ns: int) -> bool:
        """One keyframe for a viewer that is behind; it stays behind until it acknowledges."""
        if not (unit.key and self._probe_due(now_ns)):
            return False
        self._probed_ns = now_ns
        self._unacknowledged.append(unit.sequence)
        return True

    def _drop(self) -> bool:
        self._needs_keyframe = True
        self.dropped += 1
        return False
