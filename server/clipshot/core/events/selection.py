"""Which events a subscriber wants."""

import fnmatch
import re
from dataclasses import dataclass
from functools import cached_property

from clipshot.core.events.event import Event, Priority


@dataclass(frozen=True)
class Selection:
    """An event passes when it meets every filter that is set.

    ``topics`` are globs over types of which one must match. High-volume events pass when asked for, or when
    ``event_type`` names theirs.
    """

    topics: tuple[str, ...] = ()
    event_type: str = ""
    resource: str = ""
    min_priority: Priority = Priority.LOW
    high_volume: bool = False

    @cached_property
    def _topics(self) -> re.Pattern[str] | None:
        return re.compile("|".join(map(fnmatch.translate, self.topics))) if self.topics else None

    def wants(self, event: Event) -> bool:
        """Whether an event passes."""
        if self.event_type and event.type != self.event_type:
            return False
        if self.resource and event.resource != self.resource:
            return False
        if event.priority < self.min_priority:
            return False
        if self._topics and not self._topics.match(event.type):
            return False
        return bool(event.sequence) or self.high_volume or bool(self.event_type)
