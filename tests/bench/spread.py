"""Percentiles of many times."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Spread:
    """In the unit of what was given."""

    count: int
    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value, by nearest rank."""
        ordered = sorted(values)

        def at(share: float) -> float:
            return ordered[max(ceil(share * len(ordered)), 1) - 1]

        return cls(len(ordered), at(0.50), at(0.95), at(0.99), ordered[-1])

    def text(self, unit: str) -> str:
        """For a table."""
        return f"p50 {self.p50:.3g}, p99 {self.p99:.3g} {unit}"
