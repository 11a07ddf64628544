"""Sources and the backends that read them."""

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """What a source shows."""

    MONITOR = "monitor"
    TEST = "test"


@dataclass(frozen=True)
class Source:
    """Something that can be captured. Sizes in pixels."""

    source_id: str
    kind: SourceKind
    title: str
    backend: str
    width: int
    height: int
    refresh_hz: float | None
    primary: bool


@dataclass(frozen=True)
class Backend:
    """A capture backend and whether it works here; ``reason`` says what to do when it does not."""

    name: str
    available: bool
    reason: str
