"""A measured program: what it printed and what CPU time it took."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class ChildFailedError(RuntimeError):
    """A measured program did not end well; the text is what it said."""


@dataclass(frozen=True)
class Ended:
    """A program that ended. ``cpu_seconds`` is that of all its threads and children, user and system together."""

    stdout: str
    cpu_seconds: float
    peak_rss_mb: float


def run_child(command: Sequence[str], *, timeout: float, env: dict[str, str] | None = None) -> Ended:
    """Run a program to its end; raises ChildFailedError when it fails or needs longer than ``timeout`` seconds."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=ROOT, env=environment(env)
        )
        timer = threading.Timer(timeout, process.kill)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            said = err.read().decode(errors="replace")[-2000:]
            raise ChildFailedError(f"{command[0]} ended with {process.returncode}: {said}")
        return Ended(out.read().decode(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def run_module(module: str, given: dict[str, Any], *, timeout: float, env: dict[str, str] | None = None) -> Any:
    """Run ``python -m module`` with one JSON argument; its last line is its JSON answer."""
    ended = run_child([sys.executable, "-m", module, json.dumps(given)], timeout=timeout, env=env)
    answer = json.loads(ended.stdout.splitlines()[-1])
    answer["peak_rss_mb"] = round(ended.peak_rss_mb, 1)
    return answer


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The caller's environment, with this checkout first on Python's path."""
    path = os.pathsep.join(filter(None, [str(ROOT / "server"), str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | (extra or {})
