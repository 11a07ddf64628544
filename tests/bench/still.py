"""CPU time while nothing moves: a detailed picture that stands."""

from tests.bench import ours, x11grab
from tests.bench.case import SUPERFAST_60
from tests.bench.plan import Plan
from tests.bench.row import Row, ratio_row
from tests.bench.run import Run
from tests.bench.screen import Screen


def measure(plan: Plan, screen: Screen) -> list[Run]:
    """Ours (ring, recording and its sync included), then x11grab."""
    with screen.still():
        return [record(SUPERFAST_60, screen.display, plan.still_seconds) for record in (ours.record, x11grab.record)]


def row(runs: list[Run]) -> Row:
    """Per second of screen time: a still screen makes far fewer frames of ours."""
    mine, grab = (run.cpu_seconds / run.seconds * 1000 for run in runs)
    return ratio_row("a still screen", mine, grab, unit="ms CPU/s", peer_name=x11grab.NAME, limit=1 / 40)
