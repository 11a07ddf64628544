"""What one run of one recorder took."""

import os
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Run:
    """One recorder, one case, once."""

    recorder: str
    case: str
    seconds: float
    frames: int
    cpu_seconds: float
    size_bytes: int
    facts: dict[str, Any] = field(default_factory=dict)
    load_average: float = field(default_factory=lambda: round(os.getloadavg()[0], 2))

    @property
    def cpu_ms_per_frame(self) -> float:
        """CPU time of a recorded picture, all threads."""
        return self.cpu_seconds * 1000 / max(1, self.frames)

    def as_json(self) -> dict[str, Any]:
        """For the report's file."""
        shown = asdict(self)
        shown["cpu_ms_per_frame"] = round(self.cpu_ms_per_frame, 3)
        shown["mbit_per_second"] = round(self.size_bytes * 8 / 1e6 / self.seconds, 2)
        return shown
