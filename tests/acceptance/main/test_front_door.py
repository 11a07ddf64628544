"""A fresh clone in an empty folder: `make demo` and `make test`, cold and the second time."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.acceptance.main.report import Report
from tests.serving import ROOT

PATIENCE = 2400.0


def make(folder: Path, target: str) -> tuple[float, str]:
    """Seconds and output of a target, which has to succeed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CLIPSHOT_", "MAKE", "VIRTUAL_ENV"))}
    environment.pop("DISPLAY", None)
    began = time.monotonic()
    answer = subprocess.run(
        ["make", target], cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    took = time.monotonic() - began
    assert answer.returncode == 0, f"make {target}:\n{answer.stdout[-4000:]}\n{answer.stderr[-2000:]}"
    return took, answer.stdout


@pytest.mark.timeout(3 * PATIENCE)
def test_a_fresh_clone(tmp_path: Path) -> None:
    folder = tmp_path / "clipshot"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    report = Report("A fresh clone in an empty folder (registry caches as they are)")
    for run in ("cold", "second time"):
        took, said = make(folder, "demo")
        report.line(f"make demo, {run}", f"{took:.1f} s")
        clip = re.fullmatch(r"clip: (.+\.mp4)", said.splitlines()[-1])
        assert clip, said[-500:]
        probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", clip[1]]
        duration = float(subprocess.run(probe, check=True, capture_output=True).stdout)
        assert duration == pytest.approx(10.0, abs=0.05)
    for run in ("cold", "second time"):
        took, said = make(folder, "test")
        report.line(f"make test, {run}", f"{took:.1f} s")
        assert re.search(r"\d+ passed", said), said[-500:]
    report.line("the demo's clip", f"{duration:.3f} s")
