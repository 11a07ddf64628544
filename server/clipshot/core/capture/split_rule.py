"""When a recording goes on in a new file by itself."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class SplitRule:
    """Longest and largest part of a recording, in bytes; None is no limit."""

    max_duration: timedelta | None = None
    max_size_bytes: int | None = None

    def is_due(self, duration: timedelta, size_bytes: int) -> bool:
        """Whether a part that is so long and so large has to end now."""
        return (self.max_duration is not None and duration >= self.max_duration) or (
            self.max_size_bytes is not None and size_bytes >= self.max_size_bytes
        )
