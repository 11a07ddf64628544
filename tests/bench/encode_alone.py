"""The floor: the same encoder on pictures of the same screen that are in memory already."""

import json

from tests.bench.case import Case
from tests.bench.child import ROOT, run_child
from tests.bench.run import Run

NAME = "encoder alone"
BINARY = ROOT / "build" / "bin" / "clipshot-encode-alone"


def record(case: Case, display: str, seconds: int) -> Run:
    """Hold pictures of the display, then encode ``seconds`` of them in real time."""
    command = [str(BINARY), "--display", display, "--seconds", str(seconds), *case.encode_alone()]
    # Pictures are held before the clock starts, and CPU time counts from there; peak memory is what is held.
    answer = json.loads(run_child(command, timeout=seconds + 60).stdout)
    return Run(
        NAME,
        case.name,
        seconds,
        answer["frames"],
        answer["cpu_seconds"],
        answer["bytes"],
        facts={"late": answer["late"]},
    )
