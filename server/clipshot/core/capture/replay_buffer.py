"""The replay buffer of a session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ReplayStorage(StrEnum):
    """Where a replay buffer lives, and so what it survives."""

    MEMORY = "memory"
    DISK = "disk"
    ANONYMOUS_MEMORY = "anonymous_memory"


@dataclass(frozen=True)
class ReplayBuffer:
    """What a replay buffer holds now. ``keyframes`` are session times."""

    session_id: str
    filled: timedelta
    capacity: timedelta
    size_bytes: int
    max_bytes: int
    storage: ReplayStorage
    path: str
    oldest_time: datetime | None
    newest_time: datetime | None
    keyframes: tuple[timedelta, ...]
    segments: int
