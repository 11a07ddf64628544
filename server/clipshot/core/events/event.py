"""An event: something that happened, told once, in order."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from clipshot.core.events.payloads import Payload


class Priority(IntEnum):
    """How much an event matters; the numbers order them."""

    LOW = 1
    NORMAL = 2
    HIGH = 3


@dataclass(frozen=True)
class Event:
    """Something that happened. ``sequence`` is 0 until it is stored, and stays 0 for high-volume events."""

    type: str
    time: datetime
    resource: str
    priority: Priority
    payload: Payload
    epoch: str = ""
    sequence: int = 0

    @property
    def event_id(self) -> str:
        """``<epoch>-<sequence>``; empty for an event without a number."""
        return f"{self.epoch}-{self.sequence}" if self.sequence else ""
