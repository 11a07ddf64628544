"""Two servers on one data directory would write one database: the second is refused and says why."""

import os
import subprocess
from pathlib import Path

from tests.faults.scene import get
from tests.serving import CLIPSHOT, RunningServer, clean_environment, serving


def start_another(data_dir: Path) -> "subprocess.CompletedProcess[str]":
    command = [*CLIPSHOT, "serve", "--data-dir", str(data_dir), "--port", "0", "--grpc-port", "0"]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=clean_environment())


def check_refused(server: RunningServer, data_dir: Path) -> None:
    second = start_another(data_dir)
    assert second.returncode not in (0, -9)
    said = second.stderr + second.stdout
    assert "Traceback" not in said
    assert str(server.process.pid) in said, "it names the one that runs"
    assert get(server, "/system/health")["status"] != "unhealthy"
    assert (server.data_dir / "run.json").exists()


def test_the_second_server_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--replay") as server:
        check_refused(server, tmp_path / "data")
        link = tmp_path / "link"
        link.symlink_to(tmp_path / "data")
        check_refused(server, link)
    with serving(tmp_path / "data"):
        pass  # once the first has ended, the folder is free again


def test_a_dead_server_blocks_nobody(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        server.kill()
    assert (tmp_path / "data" / "run.json").exists(), "a killed server cannot tidy up"
    # The number may belong to somebody else by now.
    run = (tmp_path / "data" / "run.json").read_text().replace(str(server.process.pid), str(os.getpid()))
    (tmp_path / "data" / "run.json").write_text(run)
    with serving(tmp_path / "data") as again:
        assert get(again, "/system/health")["status"] != "unhealthy"
