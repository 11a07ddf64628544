"""One line of the table: a promise, what was measured, and whether it holds."""

from dataclasses import asdict, dataclass
from typing import Any

PASS = "pass"
SHORT = "short"
NO_TARGET = "-"


@dataclass(frozen=True)
class Row:
    """Texts as they are printed; ``ratio`` (ours over the peer's) where there is one."""

    what: str
    target: str
    measured: str
    peer: str = ""
    ratio: float | None = None
    verdict: str = NO_TARGET

    def as_json(self) -> dict[str, Any]:
        """For the report's file."""
        return asdict(self)


def ratio_row(what: str, ours: float, peer: float, *, unit: str, peer_name: str, limit: float | None) -> Row:
    """A row that compares two figures; ``limit`` is the largest ratio that holds, None for a figure without one."""
    ratio = ours / peer if peer else float("inf")
    target = f"{format_ratio(limit)} {peer_name}" if limit is not None else ""
    verdict = NO_TARGET if limit is None else verdict_of(ratio <= limit)
    shown, beside = f"{figure(ours)} {unit}", f"{peer_name}: {figure(peer)} {unit}"
    return Row(what, target, shown, beside, round(ratio, 4), verdict)


def figure(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def format_ratio(limit: float) -> str:
    """``<= 1.10 x`` or, for small ones, ``<= 1/40 of``."""
    return f"<= {limit:.2f} x" if limit >= 0.1 else f"<= 1/{1 / limit:.0f} of"


def verdict_of(holds: bool) -> str:
    """The word for it."""
    return PASS if holds else SHORT
