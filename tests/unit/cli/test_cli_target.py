"""Which server a command speaks to, and with which key."""

from pathlib import Path

import pytest

from clipshot.cli.errors import CommandError, ExitCode
from clipshot.cli.target import Target
from clipshot.settings import Settings

from .conftest import KEY, FakeServer, Run, write_run_file


def test_no_server_says_how_to_start_one(run: Run, tmp_path: Path) -> None:
    result = run("--data-dir", str(tmp_path / "none"), "clips", "list")
    assert result.exit_code == ExitCode.NOT_RUNNING
    assert f"clipshot serve --data-dir {tmp_path / 'none'}" in result.stderr


def test_run_file_of_a_server_that_is_gone(run: Run, tmp_path: Path) -> None:
    write_run_file(tmp_path, pid=4242, socket=str(tmp_path / "gone.sock"))
    result = run("--data-dir", str(tmp_path), "sources")
    assert result.exit_code == ExitCode.NOT_RUNNING
    assert "4242" in result.stderr
    assert "clipshot serve" in result.stderr


def test_named_server_that_does_not_answer(run: Run, tmp_path: Path) -> None:
    result = run("--server", f"unix:{tmp_path / 'none.sock'}", "sources")
    assert result.exit_code == ExitCode.NOT_RUNNING
    assert "none.sock" in result.stderr


def test_named_server_is_used_with_the_key_of_the_environment(
    run: Run, server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIPSHOT_SERVER", f"unix:{server.data_dir / 'core.sock'}")
    denied = run("clips", "list")
    assert denied.exit_code == 1
    assert "CLIPSHOT_API_KEY" in denied.stderr
    monkeypatch.setenv("CLIPSHOT_API_KEY", KEY)
    assert run("clips", "list").exit_code == 0


def test_key_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLIPSHOT_API_KEY", raising=False)
    assert Target(data_dir=tmp_path).key == ""
    (tmp_path / "api-key").write_text("from-file\n")
    assert Target(data_dir=tmp_path).key == "from-file"
    (tmp_path / "clipshot.toml").write_text('api_key = "from-toml"')
    assert Target(data_dir=tmp_path).key == "from-toml"
    (tmp_path / ".env").write_text("CLIPSHOT_API_KEY=from-dotenv\n")
    assert Target(data_dir=tmp_path).key == "from-dotenv"
    monkeypatch.setenv("CLIPSHOT_API_KEY", "from-environment")
    assert Target(data_dir=tmp_path).key == "from-environment"


def test_data_dir_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CLIPSHOT_DATA_DIR", raising=False)
    assert Target().data_dir == tmp_path / "home" / ".clipshot"
    (tmp_path / ".env").write_text("CLIPSHOT_DATA_DIR=~/from-dotenv\n")
    assert Target().data_dir == tmp_path / "home" / "from-dotenv"
    monkeypatch.setenv("CLIPSHOT_DATA_DIR", str(tmp_path / "from-environment"))
    assert Target().data_dir == tmp_path / "from-environment"
    assert Target(data_dir=Path("here")).data_dir == tmp_path / "here"


def test_tcp_where_the_socket_is_not_reachable(tmp_path: Path) -> None:
    write_run_file(tmp_path, socket="/nowhere/core.sock", grpc="127.0.0.1:50051")
    assert Target(data_dir=tmp_path).address == "127.0.0.1:50051"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pid": "x"}'])
def test_broken_run_file_is_no_server(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(CommandError, match="no server is running"):
        _ = Target(data_dir=tmp_path).address


@pytest.mark.parametrize("layer", ["default", "dotenv", "environment"])
def test_data_dir_is_that_of_the_server_in_every_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CLIPSHOT_DATA_DIR", raising=False)
    if layer == "dotenv":
        (tmp_path / ".env").write_text("OTHER=1\nCLIPSHOT_DATA_DIR=~/here\nCLIPSHOT_API_KEY='quoted key'\n")
    if layer == "environment":
        monkeypatch.setenv("CLIPSHOT_DATA_DIR", "relative/folder")
    assert Target().data_dir == Settings().data_dir
    assert Target().key == Settings().api_key.get_secret_value()


def test_key_in_the_settings_file_is_that_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLIPSHOT_API_KEY", raising=False)
    (tmp_path / "clipshot.toml").write_text('api_key = "from-toml"')
    assert Target(data_dir=tmp_path).key == Settings(data_dir=tmp_path).api_key.get_secret_value() == "from-toml"
