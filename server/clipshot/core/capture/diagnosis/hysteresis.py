"""Being sure: a condition counts from when it has lasted, and ends only when it has been gone for a while."""


class Hysteresis:
    """One condition with two edges.

    ``begins`` must hold for ``begin_after`` seconds without a break, and then ``ends`` for ``end_after``; a value that
    is between the two changes nothing.
    """

    def __init__(self, begin_after: float, end_after: float) -> None:
        self._begin_after = begin_after
        self._end_after = end_after
        self._since: float | None = None
        self.active = False

    def look(self, at: float, *, begins: bool, ends: bool) -> bool:
        """Whether the condition counts, after what was seen ``at`` this time in seconds."""
        turning, needed = (ends, self._end_after) if self.active else (begins, self._begin_after)
        if not turning:
            self._since = None
            return self.active
        if self._since is None:
            self._since = at
        if at - self._since >= needed:
            self.active = not self.active
            self._since = None
        return self.active
