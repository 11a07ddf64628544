"""What another user of the machine can open."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.contract.scene import Scene
from tests.faults.scene import descendants, wait_until_buffered
from tests.serving import RunningServer, serving


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose user lets everybody read and write by default."""
    folder = tmp_path_factory.mktemp("modes")
    with contextlib.ExitStack() as stack:
        before = os.umask(0)
        try:
            running = stack.enter_context(serving(folder / "data", "--replay"))
        finally:
            os.umask(before)
        Scene(running).new_clip()
        yield running


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", ["api-key", "secret-key", "clipshot.db", "run.json"])
def test_files_are_private(careless: RunningServer, name: str) -> None:
    assert mode(careless.data_dir / name) & 0o077 == 0, oct(mode(careless.data_dir / name))


@pytest.mark.parametrize("name", ["api-key", "secret-key"])
def test_secrets_are_0600(careless: RunningServer, name: str) -> None:
    assert mode(careless.data_dir / name) == 0o600
    assert len((careless.data_dir / name).read_text().strip()) >= 32


def test_what_sqlite_makes_beside_the_database(careless: RunningServer) -> None:
    for path in careless.data_dir.glob("clipshot.db*"):
        assert mode(path) & 0o077 == 0, path


def test_clips_are_not_for_everybody(careless: RunningServer) -> None:
    for path in (careless.data_dir / "clips").rglob("*"):
        assert mode(path) & 0o007 == 0 or mode(careless.data_dir / "clips") & 0o007 == 0, path


def test_sockets_are_in_a_private_folder(careless: RunningServer) -> None:
    sockets = [
        Path(connection.laddr)
        for process in [psutil.Process(careless.process.pid), *descendants(careless)]
        for connection in process.net_connections(kind="unix")
        if connection.laddr and str(connection.laddr).startswith("/")
    ]
    own = {path for path in sockets if path.exists() and path.stat().st_uid == os.getuid()}
    assert own, "the core listens for its gateway"
    for path in own:
        assert mode(path.parent) == 0o700, path


def test_the_ring_is_private(careless: RunningServer) -> None:
    ring = Path(wait_until_buffered(careless, 0.5)["path"])
    open_folders = [folder for folder in (ring, *ring.parents) if mode(folder) & 0o077]
    assert ring not in open_folders
    assert any(mode(folder) & 0o077 == 0 for folder in ring.parents), "a private folder is above it"


def test_keys_are_kept_and_differ(careless: RunningServer, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        first = server.key
        assert first != careless.key
    with serving(tmp_path / "data") as server:
        assert server.key == first


def test_a_key_that_others_can_read_is_told(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    (tmp_path / "data" / "api-key").chmod(0o644)
    with serving(tmp_path / "data") as server:
        assert mode(server.data_dir / "api-key") == 0o600 or "api-key" in server.log.read_text()
