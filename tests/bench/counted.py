"""Whether every painted picture is in the recording once."""

from dataclasses import dataclass

from tests.acceptance.main import frames
from tests.bench import ours
from tests.bench.case import ULTRAFAST_60
from tests.bench.child import ROOT
from tests.bench.plan import Plan
from tests.bench.row import Row, verdict_of
from tests.bench.run import Run
from tests.bench.screen import Screen


@dataclass(frozen=True)
class Count:
    """Pictures of one recording."""

    painted: int
    recorded: int
    doubled: int
    missing: int
    dropped: int
    crowded: int
    """Painted less than half an interval after the one before: no grid of the same rate has room for both."""


def measure(plan: Plan, screen: Screen, *, spin: bool) -> tuple[Run, Count]:
    """Record, then read back the counter of every picture."""
    target = ROOT / "build" / "bench" / "counted.mp4"
    with screen.moving() as painter:
        run = ours.record(ULTRAFAST_60, screen.display, plan.count_seconds, spin=spin, keep=target)
        painter.stop()
    counters = [picture.counter for picture in frames.decode(target)]
    target.unlink()
    unique = len(set(counters))
    painted = counters[-1] - counters[0] + 1
    dropped = sum(run.facts["dropped"].values())
    crowded = len(painter.crowded(counters[0], counters[-1]))
    return run, Count(painted, unique, len(counters) - unique, painted - unique, dropped, crowded)


def row(count: Count, *, seconds: float, spin: bool) -> Row:
    """All of them, none doubled; what the source itself painted too close together cannot be asked for."""
    beside = ", a Python thread spinning" if spin else ""
    measured = f"{count.recorded} of {count.painted}, {count.doubled} doubled, {count.dropped} counted as dropped"
    if count.crowded:
        measured += f" ({count.crowded} painted too close together)"
    holds = count.missing <= count.crowded and count.doubled == 0
    return Row(
        f"frames at {ULTRAFAST_60.name}, {seconds:g} s{beside}",
        "all, none doubled",
        measured,
        verdict=verdict_of(holds),
    )
