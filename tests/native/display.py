"""A private X server, and a moving picture on it."""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PAINT = Path(__file__).parents[2] / "build" / "bin" / "clipshot-paint"


@dataclass(frozen=True)
class Display:
    """A running X server."""

    name: str
    server: subprocess.Popen[bytes]


@dataclass
class Painting:
    """A running painter; ``report`` is what it said at its end."""

    process: subprocess.Popen[bytes]
    report: dict[str, Any] | None = None

    def finish(self) -> dict[str, Any]:
        """Ends the painter and reads its report."""
        if self.report is None:
            self.process.terminate()
            output, _ = self.process.communicate(timeout=10)
            self.report = json.loads(output)
        return self.report


@contextlib.contextmanager
def xvfb(width: int, height: int) -> Iterator[Display]:
    """An Xvfb with one screen of this size."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield Display(f":{number.readline().strip()}", server)
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def painting(display: Display, *options: str) -> Iterator[Painting]:
    """``clipshot-paint`` on the display."""
    if not PAINT.exists():
        pytest.skip(f"{PAINT} is not built; run: make build/bin/clipshot-paint")
    process = subprocess.Popen([str(PAINT), "--display", display.name, *options], stdout=subprocess.PIPE)
    try:
        yield Painting(process)
    finally:
        process.kill()
        process.communicate()
