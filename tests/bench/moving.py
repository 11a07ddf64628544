"""CPU time of a recorded picture while everything moves: ours, the encoder alone, FFmpeg x11grab, GStreamer ximagesrc,
mss + PyAV."""

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from tests.bench import encode_alone, gstreamer, mss_pyav, ours, x11grab
from tests.bench.case import SUPERFAST_60, ULTRAFAST_60, VERYFAST_30, Case
from tests.bench.plan import Plan
from tests.bench.row import Row, ratio_row
from tests.bench.run import Run

#: Largest ratio to the encoder alone, and to x11grab.
LIMITS: dict[Case, tuple[float, float]] = {
    ULTRAFAST_60: (1.10, 0.70),
    SUPERFAST_60: (1.10, 0.70),
    VERYFAST_30: (1.05, 0.94),
}
UNIT = "ms CPU/frame"
WORTH_TELLING = 0.01


def measure(plan: Plan, cases: list[Case], display: str) -> Iterator[Run]:
    """Every recorder in turn, case by case, round by round, so that other load meets all of them."""
    for number in range(plan.rounds):
        for case in cases:
            for record in (encode_alone.record, ours.record, x11grab.record):
                yield record(case, display, plan.run_seconds)
            if number == 0 and case in cases[: plan.far_cases]:
                if gstreamer.INSTALLED:
                    yield gstreamer.record(case, display, plan.run_seconds)
                yield mss_pyav.record(case, display, plan.run_seconds)


def rows(cases: list[Case], runs: list[Run]) -> Iterator[Row]:
    """A comparison with each peer for each case, by the medians of the rounds."""
    for case in cases:
        cost = {run.recorder: cost_of(case, run.recorder, runs) for run in runs if run.case == case.name}
        alone, grab = LIMITS.get(case, (None, None))
        limits = {encode_alone.NAME: alone, x11grab.NAME: grab, gstreamer.NAME: None, mss_pyav.NAME: None}
        for peer, limit in limits.items():
            if peer in cost:
                row = ratio_row(case.name, cost[ours.NAME], cost[peer], unit=UNIT, peer_name=peer, limit=limit)
                yield replace(row, peer=row.peer + blemishes(case, peer, runs))


def cost_of(case: Case, recorder: str, runs: list[Run]) -> float:
    """The median over the rounds."""
    return median(run.cpu_ms_per_frame for run in runs if (run.case, run.recorder) == (case.name, recorder))


def blemishes(case: Case, recorder: str, runs: list[Run]) -> str:
    """What makes a peer's pictures cheaper than they look: doubled ones cost next to nothing, skipped ones nothing."""
    own = [run for run in runs if (run.case, run.recorder) == (case.name, recorder)]
    shares = {
        word: sum(run.facts.get(word, 0) for run in own) / max(1, sum(run.frames for run in own))
        for word in ("doubled", "skipped", "late")
    }
    told = [f"{share:.0%} {word}" for word, share in shares.items() if share > WORTH_TELLING]
    return f" ({', '.join(told)})" if told else ""


def ring_row(runs: list[Run]) -> Row:
    """Bytes in the ring's files beside the encoder's bytes in them, the worst of all runs at 12 Mbit/s."""
    rings = [run for run in runs if run.recorder == ours.NAME and run.case in {case.name for case in LIMITS}]
    ratio = max(run.facts["ring_bytes"] / run.facts["ring_payload_bytes"] for run in rings)
    verdict = "pass" if ratio <= 1.1 else "short"
    return Row("ring storage at 12 Mbit/s", "<= 1.1 x its packets", f"{ratio:.4f} x", "", round(ratio, 4), verdict)
