"""The wheel, installed into an empty environment on this system, serves and saves a replay."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.acceptance.main.report import Report
from tests.serving import ROOT, START_TIMEOUT


def run(*command: str, env: dict[str, str] | None = None) -> str:
    """The output of a command that has to succeed."""
    answer = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=1200)
    assert answer.returncode == 0, f"{command}: {answer.stdout[-2000:]} {answer.stderr[-2000:]}"
    return answer.stdout


def test_the_wheel(tmp_path: Path) -> None:
    report = Report("The wheel in an empty environment")
    run("make", "wheel")
    (wheel,) = (ROOT / "dist").glob("*.whl")
    report.line("size", wheel.stat().st_size / 1e6, "MB")
    environment = tmp_path / "venv"
    run(sys.executable, "-m", "venv", str(environment))
    install = [str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    run(*install, "--constraint", "constraints.txt", str(wheel))
    data = tmp_path / "data"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CLIPSHOT_", "PYTHON", "VIRTUAL_ENV"))}
    clean |= {"CLIPSHOT_DATA_DIR": str(data)}
    clipshot = str(environment / "bin" / "clipshot")
    command = [clipshot, "serve", "--port", "0", "--grpc-port", "0", "--replay"]
    log = (tmp_path / "log").open("w")
    with subprocess.Popen(command, env=clean, cwd=tmp_path, stdout=log, stderr=log) as server:
        try:
            deadline = time.monotonic() + START_TIMEOUT
            while not (data / "run.json").exists():
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.1)
            assert json.loads((data / "run.json").read_text())["rest"], "the gateway came with the wheel"
            time.sleep(2)
            saved = json.loads(run(clipshot, "replay", "save", "--seconds", "1", "--json", env=clean))["saved_clip"]
            report.line("saved", saved["duration"])
            assert Path(saved["path"]).stat().st_size == int(saved["size_bytes"])
        finally:
            server.terminate()
    assert server.returncode == 0
