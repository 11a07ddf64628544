"""Figures of an acceptance run, as aligned lines on the terminal."""

import os
from collections.abc import Sequence


class Report:
    """Collects lines of one show and prints each at once, so that a failed run shows what it had measured."""

    def __init__(self, title: str) -> None:
        print(f"\n-- {title}  (load average {load()})", flush=True)

    def line(self, name: str, value: object, unit: str = "", *, limit: str = "") -> None:
        """One figure, with the limit that it is held to, if any."""
        text = f"{value:.3f}" if isinstance(value, float) else str(value)
        measured = f"{text} {unit}".rstrip()
        print(f"   {name:<58} {measured:<28} {limit and f'[{limit}]'}".rstrip(), flush=True)

    def percentiles(self, name: str, values: Sequence[float], unit: str, *, limit: str = "") -> None:
        """p50, p99 and the largest of many."""
        figures = f"p50 {percentile(values, 50):.1f}  p99 {percentile(values, 99):.1f}  max {max(values):.1f}"
        self.line(f"{name}, {len(values)} of them", figures, unit, limit=limit)

    def note(self, text: str) -> None:
        """A remark."""
        print(f"   {text}", flush=True)

    def load(self) -> None:
        """What else the machine was busy with."""
        self.line("load average at the end (1, 5, 15 minutes)", load())


def load() -> str:
    """The machine's load average."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` percent of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share * 10) // 1000) - 1)]
