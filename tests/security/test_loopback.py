"""Nobody but this machine is listened to, unless that was asked for twice."""

import subprocess
from pathlib import Path

import psutil
import pytest

from tests.faults.scene import descendants
from tests.serving import CLIPSHOT, RunningServer, clean_environment


def serve(data_dir: Path, *arguments: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """A server that is expected to end by itself."""
    command = [*CLIPSHOT, "serve", "--data-dir", str(data_dir), "--port", "0", "--grpc-port", "0", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=clean_environment(env))


@pytest.mark.parametrize(
    ("how", "host"),
    [("environment", "0.0.0.0"), ("argument", "0.0.0.0"), ("argument", "::"), ("argument", "192.168.1.10")],
)
def test_other_addresses_are_refused(tmp_path: Path, how: str, host: str) -> None:
    ended = (
        serve(tmp_path / "data", "--host", host)
        if how == "argument"
        else serve(tmp_path / "data", env={"CLIPSHOT_HOST": host})
    )
    assert ended.returncode not in (0, -9)
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    assert host in said
    assert "127.0.0.1" in said, "it says what would do"
    assert not (tmp_path / "data" / "run.json").exists()


def test_every_socket_is_on_loopback(server: RunningServer) -> None:
    listening = [
        connection.laddr.ip
        for process in [psutil.Process(server.process.pid), *descendants(server)]
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
