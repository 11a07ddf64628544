"""The catalogue of events: which payload belongs to which type, and how much it matters.

The protos say the same on the payload fields of ``Event``; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clipshot.core.events import payloads as p
from clipshot.core.events.event import Priority

RESERVED_NAMESPACES = frozenset(
    {"system", "capture", "clip", "operation", "plugin", "ai", "metadata", "marketplace", "config", "event"}
)
"""Areas that only the server emits in; callers publish in others."""

PayloadClass = type[p.Payload]


@dataclass(frozen=True)
class EventType:
    """A type of event. ``high_volume`` ones are neither stored nor numbered, and are dropped first."""

    type: str
    payload: PayloadClass
    priority: Priority = Priority.NORMAL
    high_volume: bool = False

    @property
    def summary(self) -> str:
        """One sentence."""
        return (self.payload.__doc__ or "").strip().partition("\n")[0]


_TYPES = (
    EventType("system:started", p.SystemStarted),
    EventType("system:stopping", p.SystemStopping),
    EventType("system:degraded", p.SystemDegraded, Priority.HIGH),
    EventType("system:storage_low", p.StorageLow, Priority.HIGH),
    EventType("system:config_changed", p.ConfigChanged),
    EventType("system:config_rejected", p.ConfigRejected, Priority.HIGH),
    EventType("capture:session_started", p.SessionStarted),
    EventType("capture:session_updated", p.SessionUpdated),
    EventType("capture:session_paused", p.SessionPaused),
    EventType("capture:session_resumed", p.SessionResumed),
    EventType("capture:session_split", p.SessionSplit),
    EventType("capture:screenshot_taken", p.ScreenshotTaken),
    EventType("capture:session_stopped", p.SessionStopped),
    EventType("capture:session_failed", p.SessionFailed, Priority.HIGH),
    EventType("capture:session_recovered", p.SessionRecovered, Priority.HIGH),
    EventType("capture:source_lost", p.SourceLost, Priority.HIGH),
    EventType("capture:health_changed", p.HealthChanged, Priority.HIGH),
    EventType("capture:replay_pinned", p.ReplayPinned),
    EventType("capture:replay_saved", p.ReplaySaved),
    EventType("capture:replay_failed", p.ReplayFailed, Priority.HIGH),
    EventType("capture:marker_added", p.MarkerAdded),
    EventType("capture:marker_removed", p.MarkerRemoved),
    EventType("capture:stats", p.StatsReported, Priority.LOW, high_volume=True),
    EventType("clip:created", p.ClipCreated),
    EventType("clip:updated", p.ClipUpdated),
    EventType("clip:trashed", p.ClipTrashed),
    EventType("clip:restored", p.ClipRestored),
    EventType("clip:deleted", p.ClipDeleted),
    EventType("clip:damaged", p.ClipDamaged, Priority.HIGH),
    EventType("operation:started", p.OperationStarted),
    EventType("operation:progress", p.OperationProgress, Priority.LOW, high_volume=True),
    EventType("operation:finished", p.OperationFinished),
)

EVENT_TYPES: Mapping[str, EventType] = MappingProxyType({kind.type: kind for kind in _TYPES})
"""Every type that the server emits, by name."""

_BY_PAYLOAD: Mapping[PayloadClass, EventType] = MappingProxyType({kind.payload: kind for kind in _TYPES})


def event_type_of(payload: p.Payload) -> EventType:
    """The type of a payload.

    Raises:
        LookupError: the payload's class is in no entry of the catalogue.
    """
    return _BY_PAYLOAD[type(payload)]


def payload_class(event_type: str) -> PayloadClass:
    """The class that a type's payload has; types that are not in the catalogue were published by callers."""
    kind = EVENT_TYPES.get(event_type)
    return kind.payload if kind else p.Custom
