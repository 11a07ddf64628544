"""`make run` is what the README says it is."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.serving import ROOT, clean_environment


def first_lines(folder: Path, display: str | None) -> list[str]:
    """What `make run` says until the server is ready; it is ended then."""
    environment = clean_environment({"DISPLAY": display} if display else None)
    arguments = f"--data-dir {folder} --port 0 --grpc-port 0"
    run = subprocess.Popen(
        ["make", "run", f"ARGS={arguments}"],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if not name.startswith("MAKE")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    said = []
    try:
        for line in run.stdout:
            said.append(line.rstrip("\n"))
            if said[-1].startswith("  capture"):
                said.append(run.stdout.readline().rstrip("\n") if not display or display == ":4711" else "")
                break
    finally:
        os.killpg(run.pid, signal.SIGTERM)
        run.wait(20)
    return said


@pytest.mark.parametrize("display", [None, ":4711"])
def test_without_a_screen_it_buffers_the_test_source_and_says_so(tmp_path: Path, display: str | None) -> None:
    said = first_lines(tmp_path / "data", display)
    shown = {line.split()[0]: line for line in said if line.startswith("  ")}
    assert shown["capture"].startswith("  capture  the last 60 s of test:clock")
    assert "no screen" in shown["note"]
    assert "DISPLAY" in shown["note"]
    assert {"page", "REST", "docs", "gRPC", "key"} <= set(shown)
