"""What one running server keeps in its data directory."""

from pathlib import Path

import pytest

from clipshot.core.errors import PreconditionError
from clipshot.instance.banner import Banner
from clipshot.instance.data_lock import DataLock
from clipshot.instance.run_file import RUN_FILE, RunFile
from clipshot.instance.socket_folder import SocketFolder


def run_file(data_dir: Path, pid: int = 4711) -> RunFile:
    return RunFile(pid, "1.2.3", "http://127.0.0.1:1", "http://127.0.0.1:1/", "127.0.0.1:2", "/x/s", str(data_dir))


def test_a_second_server_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    run_file(tmp_path).write()
    lock = DataLock.take(tmp_path)
    with pytest.raises(PreconditionError) as refused:
        DataLock.take(tmp_path)
    assert refused.value.reason == "DATA_DIR_IN_USE"
    assert refused.value.metadata["pid"] == "4711"
    lock.release()
    DataLock.take(tmp_path).release()


def test_the_run_file_is_private_and_only_its_owner_removes_it(tmp_path: Path) -> None:
    mine = run_file(tmp_path)
    mine.write()
    assert (tmp_path / RUN_FILE).stat().st_mode & 0o777 == 0o600
    assert RunFile.read(tmp_path) == mine
    run_file(tmp_path, pid=1).write()
    mine.remove()
    assert RunFile.read(tmp_path) is not None
    run_file(tmp_path, pid=1).remove()
    assert RunFile.read(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"unknown": 1}'])
def test_a_run_file_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / RUN_FILE).write_text(text)
    assert RunFile.read(tmp_path) is None


def test_the_socket_folder_is_private_short_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = SocketFolder.make()
    assert folder.path.parent == tmp_path
    assert folder.path.stat().st_mode & 0o777 == 0o700
    (folder.path / "core.sock").touch()
    SocketFolder.remove_left(str(folder.path / "core.sock"))
    assert not folder.path.exists()


def test_only_folders_of_our_own_are_removed(tmp_path: Path) -> None:
    other = tmp_path / "precious"
    other.mkdir()
    SocketFolder.remove_left(str(other / "core.sock"))
    SocketFolder.remove_left("")
    assert other.exists()


def test_the_banner_leaves_out_what_does_not_run() -> None:
    text = "\n".join(Banner("1.2.3", "", "", "127.0.0.1:2", "/d/api-key", "nothing yet", ("only gRPC",)).lines())
    assert "REST" not in text
    assert "docs" not in text
    assert "127.0.0.1:2" in text
    assert "only gRPC" in text
