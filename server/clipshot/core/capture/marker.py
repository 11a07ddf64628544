"""Markers: moments of a session worth finding again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class MarkerKind(StrEnum):
    """What set a marker."""

    USER = "user"
    HOTKEY = "hotkey"
    GAME = "game"
    AI = "ai"
    PLUGIN = "plugin"


@dataclass(frozen=True)
class Marker:
    """A moment of a session; ``at`` is session time, ``time`` the wall clock of it."""

    marker_id: str
    session_id: str
    at: timedelta
    time: datetime
    duration: timedelta
    label: str
    kind: MarkerKind
    create_time: datetime
    attributes: dict[str, str] = field(default_factory=dict)
