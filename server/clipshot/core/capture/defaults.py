"""What a session takes where its caller names nothing."""

from dataclasses import dataclass
from datetime import timedelta

FAST_CORES = 4
"""From here on a software encoder keeps up with 60 pictures a second beside what is captured."""


@dataclass(frozen=True)
class CaptureDefaults:
    """Settings of sessions: length and most bytes of a replay buffer, pictures a second."""

    replay_duration: timedelta
    replay_max_bytes: int
    fps: int

    @classmethod
    def of_machine(cls, *, replay_duration: timedelta, replay_max_bytes: int, cores: int) -> "CaptureDefaults":
        """The defaults for a machine with so many processor cores."""
        return cls(replay_duration, replay_max_bytes, 60 if cores >= FAST_CORES else 30)
