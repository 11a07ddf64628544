"""Sources and the backends that read them."""

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """What a source shows."""

    MONITOR = "monitor"
    WINDOW = "window"
    REGION = "region"
    TEST = "test"


@dataclass(frozen=True)
class Source:
    """Something that can be captured. Sizes in pixels, ``x`` and ``y`` where it lies on the screen.

    ``application`` and ``pid`` are those of a window, '' and None where they are unknown.
    """

    source_id: str
    kind: SourceKind
    title: str
    backend: str
    width: int
    height: int
    refresh_hz: float | None
    primary: bool
    application: str = ""
    pid: int | None = None
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class Backend:
    """A capture backend and whether it works here; ``reason`` says what to do when it does not."""

    name: str
    available: bool
    reason: str
