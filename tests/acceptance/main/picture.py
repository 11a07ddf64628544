"""The picture that moves on a display, and what its painter says about it."""

import contextlib
import json
import os
import subprocess
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from tests.acceptance.main.display import Display
from tests.serving import ROOT

PROGRAM = ROOT / "build" / "bin" / "clipshot-paint"


class Painter:
    """A running ``clipshot-paint``. What it painted is known once it has stopped; each question stops it."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self._log = log

    @cached_property
    def _early(self) -> list[int]:
        """Counters of the pictures that followed the one before too soon."""
        self._process.terminate()
        report, _ = self._process.communicate(timeout=20)
        early: list[int] = json.loads(report)["early_counters"]
        return early

    @cached_property
    def _painted(self) -> tuple[list[int], list[int]]:
        """Counters, and CLOCK_MONOTONIC microseconds at which each was begun."""
        assert self._early is not None
        lines = [line.split() for line in self._log.read_text().splitlines()]
        return [int(counter) for counter, _ in lines], [int(micros) for _, micros in lines]

    def crowded(self, first: int, last: int) -> list[int]:
        """Pictures up to ``last``, after ``first``, that were painted less than half an interval after the one before
        was on the screen: a recorder of the same rate may have only one of the two.
        """
        return [counter for counter in self._early if first < counter <= last]

    def on_screen(self, at_ns: int) -> int:
        """The picture that was on the screen at a time of CLOCK_MONOTONIC."""
        counters, micros = self._painted
        return counters[bisect_right(micros, at_ns // 1000) - 1]

    def stop(self) -> None:
        """End it; the display keeps the last picture."""
        assert self._early is not None


@contextlib.contextmanager
def painting(display: Display, fps: int, folder: Path) -> Iterator[Painter]:
    """Paint the whole display at ``fps`` pictures a second."""
    log = folder / "painted.log"
    command = [str(PROGRAM), "--display", display.name, "--fps", str(fps), "--log", str(log)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | display.environment)
    try:
        yield Painter(process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)
