"""How long everything runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Lengths in seconds."""

    rounds: int
    run_seconds: int
    still_seconds: int
    count_seconds: int
    ring_seconds: int
    saves: int
    kills: int
    far_cases: int
    """How many of the cases GStreamer and mss + PyAV take part in, once each: they are far away."""


LONG = Plan(
    rounds=2, run_seconds=30, still_seconds=30, count_seconds=60, ring_seconds=60, saves=50, kills=5, far_cases=4
)
#: Fits into three minutes; the ratios spread more, and the saves are of a shorter ring.
QUICK = Plan(rounds=1, run_seconds=5, still_seconds=6, count_seconds=8, ring_seconds=10, saves=6, kills=2, far_cases=1)
