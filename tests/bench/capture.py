"""``python -m tests.bench.capture [--quick] [--rounds N] [--json FILE]``: capture and replay beside their peers.

Prints a table and writes the figures it is made from. Nothing is asserted: a busy machine measures itself.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench import counted, killed, moving, ours, saves, still
from tests.bench.case import SUPERFAST_60, ULTRAFAST_60, VERYFAST_30, default_case
from tests.bench.child import ROOT
from tests.bench.machine import cores, load_average, machine_facts
from tests.bench.plan import LONG, QUICK, Plan
from tests.bench.row import Row
from tests.bench.run import Run
from tests.bench.screen import Screen, private_screen
from tests.bench.table import as_text


class Bench:
    """Measures section by section, saying what it does, and keeps what it found."""

    def __init__(self, plan: Plan, screen: Screen) -> None:
        self.rows: list[Row] = []
        self.runs: list[Run] = []
        self.details: dict[str, Any] = {}
        self._plan = plan
        self._screen = screen
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """A line of progress, on stderr."""
        passed = time.monotonic() - self._began
        print(f"[{passed:5.0f} s, load {load_average():4.1f}] {text}", file=sys.stderr, flush=True)

    def all(self) -> None:
        """Every section."""
        self.moving_picture()
        self.still_screen()
        self.every_frame()
        self.replay_saves()
        self.kill()

    def moving_picture(self) -> None:
        """CPU per frame of every recorder."""
        cases = [ULTRAFAST_60, SUPERFAST_60, VERYFAST_30, default_case(cores())]
        with self._screen.moving():
            found = self._keep(moving.measure(self._plan, cases, self._screen.display))
        self.rows += moving.rows(cases, found)
        self.rows.append(moving.ring_row(found))

    def still_screen(self) -> None:
        """CPU per second of a picture that stands."""
        self.rows.append(still.row(self._keep(still.measure(self._plan, self._screen))))

    def every_frame(self) -> None:
        """Counters of a recording, alone and beside a thread that spins."""
        for spin in (False, True):
            self.say(f"counting frames at {ULTRAFAST_60.name}{', a Python thread spinning' if spin else ''}")
            run, count = counted.measure(self._plan, self._screen, spin=spin)
            self.runs.append(run)
            self.rows.append(counted.row(count, seconds=self._plan.count_seconds, spin=spin))

    def replay_saves(self) -> None:
        """Times of saves, and what was lost meanwhile."""
        self.say(f"filling a ring of {self._plan.ring_seconds} s, then saving it {2 * self._plan.saves} times")
        found = self.details["saves"] = saves.measure(self._plan, self._screen)
        self.rows += saves.rows(found, self._plan)

    def kill(self) -> None:
        """What a kill costs."""
        self.say(f"killing a recorder {self._plan.kills} times")
        with self._screen.moving():
            kills = [asyncio.run(killed.measure(self._screen.display)) for _ in range(self._plan.kills)]
        self.rows.append(killed.row(kills))

    def _keep(self, found: Iterable[Run]) -> list[Run]:
        kept = []
        for run in found:
            self.say(f"{run.case}, {run.recorder}: {run.cpu_ms_per_frame:.2f} ms CPU/frame, {run.frames} frames")
            kept.append(run)
        self.runs += kept
        return kept

    def report(self) -> dict[str, Any]:
        """Everything, for the file."""
        return {
            "made": time.strftime("%Y-%m-%d %H:%M:%S %z"),
            "quick": self._plan.run_seconds == QUICK.run_seconds,
            "seconds": round(time.monotonic() - self._began),
            "machine": machine_facts(),
            "rows": [row.as_json() for row in self.rows],
            "runs": [run.as_json() for run in self.runs],
            "ours": ours.NAME,
            **self.details,
        }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.capture", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under three minutes: shorter runs, less exact")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each recorder of a moving picture runs")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench" / "capture.json", metavar="FILE")
    arguments = parser.parse_args()
    (ROOT / "build" / "bench").mkdir(parents=True, exist_ok=True)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    before = load_average()
    plan = QUICK if arguments.quick else LONG
    plan = replace(plan, rounds=arguments.rounds or plan.rounds)
    with private_screen() as screen:
        bench = Bench(plan, screen)
        bench.all()
        report = bench.report() | {"load_average": {"before": before, "after": load_average()}}
    arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    print(as_text(report))
    print(f"\nwritten to {arguments.json}")


if __name__ == "__main__":
    main()
