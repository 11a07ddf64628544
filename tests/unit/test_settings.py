"""Each setting from each layer, and what is refused."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from clipshot.core.errors import PreconditionError
from clipshot.settings import WELL_KNOWN_SECRET, Settings

_CORES = os.cpu_count() or 1

# name, what TOML says, what the environment says, what comes of it
_EXAMPLES: dict[str, tuple[str, str, Any]] = {
    "app_name": ('"Mine"', "Mine", "Mine"),
    "version": ('"9.9.9"', "9.9.9", "9.9.9"),
    "debug": ("true", "true", True),
    "host": ('"::1"', "::1", "::1"),
    "port": ("8001", "8001", 8001),
    "grpc_port": ("0", "0", 0),
    "allow_remote": ("true", "1", True),
    "allowed_hosts": ('["a.lan", "b.lan"]', "a.lan, b.lan", ("a.lan", "b.lan")),
    "cors_origins": ('["http://x:1"]', "http://x:1", ("http://x:1",)),
    "database_url": (
        '"sqlite+aiosqlite:////tmp/x.db"',
        "sqlite+aiosqlite:////tmp/x.db",
        "sqlite+aiosqlite:////tmp/x.db",
    ),
    "plugins_dir": ('"/p"', "/p", Path("/p")),
    "clips_dir": ('"/c"', "/c", Path("/c")),
    "temp_dir": ('"/t"', "/t", Path("/t")),
    "ai_models_dir": ('"/m"', "/m", Path("/m")),
    "default_ai_provider": ('"cloud"', "cloud", "cloud"),
    "secret_key": ('"s3cret"', "s3cret", SecretStr("s3cret")),
    "api_key": ('"k3y"', "k3y", SecretStr("k3y")),
    "plugin_sandbox_enabled": ("false", "false", False),
    "plugin_timeout": ("5.5", "5.5", 5.5),
    "max_workers": ("1", "1", 1),
    "replay_seconds": ("90", "90", 90.0),
    "replay_max_bytes": ("2097152", "2097152", 2 * 2**20),
    "replay_autostart": ("true", "true", True),
    "video_fps": ("24", "24", 24),
    "video_rate_control": ('"vbr"', "vbr", "vbr"),
    "video_crf": ("18.5", "18.5", 18.5),
    "video_bitrate_kbps": ("3000", "3000", 3000),
    "video_max_bitrate_kbps": ("5000", "5000", 5000),
    "video_preset": ('"veryfast"', "veryfast", "veryfast"),
    "frozen_after": ("0", "0", 0.0),
    "audio_inputs": ('["default-output", "input:mic"]', "default-output,input:mic", ("default-output", "input:mic")),
    "audio_bitrate_kbps": ("96", "96", 96),
    "capture_backend": ('"test"', "test", "test"),
    "notify_desktop": ('"on"', "on", "on"),
    "notify_sound": ('"off"', "off", "off"),
    "clip_name_template": ('"{title} {counter}"', "{title} {counter}", "{title} {counter}"),
    "clip_folder_template": ('"{game}"', "{game}", "{game}"),
    "import_roots": ('["/i", "/j"]', "/i,/j", (Path("/i"), Path("/j"))),
    "export_roots": ('["/e"]', "/e", (Path("/e"),)),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, an empty environment, and a data directory in it."""
    for name in list(os.environ):
        if name.startswith("CLIPSHOT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_every_setting_has_an_example() -> None:
    assert set(_EXAMPLES) | {"data_dir"} == set(Settings.model_fields)


def test_every_setting_has_a_title() -> None:
    assert all(field.title for field in Settings.model_fields.values())


def test_defaults(folder: Path) -> None:
    settings = Settings()
    home = folder / ".clipshot"
    assert (settings.app_name, settings.host, settings.port, settings.grpc_port) == (
        "ClipShot",
        "127.0.0.1",
        8000,
        50051,
    )
    assert settings.cors_origins == ("http://localhost:3000", "http://localhost:5173")
    assert settings.data_dir == home
    assert settings.database_path == home / "clipshot.db"
    assert (settings.plugins_dir, settings.clips_dir) == (home / "plugins", home / "clips")
    assert (settings.temp_dir, settings.ai_models_dir) == (home / "temp", home / "models")
    assert (settings.replay_seconds, settings.replay_max_bytes, settings.replay_autostart) == (60, 512 * 2**20, False)
    assert (settings.plugin_sandbox_enabled, settings.plugin_timeout) == (True, 30)
    assert settings.max_workers == min(4, _CORES)
    assert (settings.import_roots, settings.export_roots) == ((), ())


@pytest.mark.parametrize("name", _EXAMPLES)
def test_from_the_settings_file(name: str, folder: Path) -> None:
    toml, _, value = _EXAMPLES[name]
    (folder / "data" / "clipshot.toml").write_text(f"{name} = {toml}\n")
    assert getattr(Settings(data_dir=folder / "data"), name) == value


@pytest.mark.parametrize("name", _EXAMPLES)
def test_from_the_env_file_over_the_settings_file(name: str, folder: Path) -> None:
    toml, env, value = _EXAMPLES[name]
    (folder / "data" / "clipshot.toml").write_text(f"{name} = {_other(toml)}\n")
    (folder / ".env").write_text(f'CLIPSHOT_{name.upper()}="{env}"\nOTHER_PROGRAM=1\n')
    assert getattr(Settings(data_dir=folder / "data"), name) == value


@pytest.mark.parametrize("name", _EXAMPLES)
def test_from_the_environment_over_the_env_file(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, env, value = _EXAMPLES[name]
    (folder / ".env").write_text(f'CLIPSHOT_{name.upper()}="garbage"\n')
    monkeypatch.setenv(f"CLIPSHOT_{name.upper()}", env)
    assert getattr(Settings(), name) == value


@pytest.mark.parametrize("name", _EXAMPLES)
def test_from_the_command_line_over_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, value = _EXAMPLES[name]
    monkeypatch.setenv(f"CLIPSHOT_{name.upper()}", "garbage")
    given: dict[str, Any] = {name: value}
    assert getattr(Settings(**given), name) == value


@pytest.mark.parametrize("layer", ["command line", "environment", "env file"])
def test_the_data_directory_and_the_file_in_it(layer: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = folder / "data"
    (data / "clipshot.toml").write_text("port = 1234\n")
    given: dict[str, Any] = {}
    if layer == "command line":
        given = {"data_dir": data}
    elif layer == "environment":
        monkeypatch.setenv("CLIPSHOT_DATA_DIR", str(data))
    else:
        (folder / ".env").write_text(f"CLIPSHOT_DATA_DIR={data}\n")
    settings = Settings(**given)
    assert (settings.data_dir, settings.port, settings.clips_dir) == (data, 1234, data / "clips")


def _other(toml: str) -> str:
    """Another value of the same TOML type."""
    return {"true": "false", "false": "true"}.get(toml, '["z"]' if toml[0] == "[" else '"z"' if toml[0] == '"' else "7")


def test_a_slip_in_the_settings_file_is_refused(folder: Path) -> None:
    (folder / "data" / "clipshot.toml").write_text("prot = 1\n")
    with pytest.raises(PreconditionError) as caught:
        Settings(data_dir=folder / "data")
    assert caught.value.reason == "SETTINGS_FILE_BROKEN"
    assert "prot" in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", "70000"), ("grpc_port", "-1"), ("replay_seconds", "0"), ("replay_max_bytes", "1"), ("max_workers", "0")],
)
def test_impossible_values_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CLIPSHOT_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()


def test_workers_are_at_most_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPSHOT_MAX_WORKERS", "1000")
    assert Settings().max_workers == _CORES


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:///:memory:",
        "sqlite://",
        "sqlite+aiosqlite://",
        "postgresql://x/y",
        "x",
        "sqlite:///file::memory:?uri=true",
    ],
)
def test_databases_that_keep_nothing_are_refused(url: str) -> None:
    with pytest.raises(PreconditionError) as caught:
        Settings(database_url=url).check_servable()
    assert caught.value.reason == "DATABASE_URL_UNUSABLE"
    assert caught.value.remedy


def test_a_relative_database_lies_in_the_working_folder(folder: Path) -> None:
    assert Settings(database_url="sqlite+aiosqlite:///x/y.db").database_path == folder / "x" / "y.db"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_other_machines_are_kept_out_unless_asked_for(host: str) -> None:
    with pytest.raises(PreconditionError) as caught:
        Settings(host=host).check_servable()
    assert caught.value.reason == "REMOTE_WITHOUT_TLS"
    Settings(host=host, allow_remote=True).check_servable()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_is_served(host: str) -> None:
    Settings(host=host).check_servable()


def test_the_well_known_secret_is_refused_off_loopback_and_replaced_on_it(folder: Path) -> None:
    secret = SecretStr(WELL_KNOWN_SECRET)
    with pytest.raises(PreconditionError) as caught:
        Settings(host="0.0.0.0", allow_remote=True, secret_key=secret).check_servable()
    assert (caught.value.reason, caught.value.subject) == ("SECRET_KEY_WELL_KNOWN", "SECRET_KEY")
    settings = Settings(data_dir=folder / "data", secret_key=secret)
    settings.check_servable()
    assert settings.with_keys().secret_key.get_secret_value() != WELL_KNOWN_SECRET


def test_keys_are_made_once_and_for_their_owner_only(folder: Path) -> None:
    settings = Settings(data_dir=folder / "data")
    first, second = settings.with_keys(), settings.with_keys()
    assert len(first.api_key.get_secret_value()) >= 40
    assert first.secret_key != first.api_key
    assert (first.secret_key, first.api_key) == (second.secret_key, second.api_key)
    for name in ("api-key", "secret-key"):
        assert stat.S_IMODE((folder / "data" / name).stat().st_mode) == 0o600


def test_keys_that_are_set_make_no_files(folder: Path) -> None:
    settings = Settings(data_dir=folder / "data", api_key=SecretStr("a"), secret_key=SecretStr("b")).with_keys()
    assert settings.api_key.get_secret_value() == "a"
    assert not list((folder / "data").iterdir())


def test_folders_are_made(folder: Path) -> None:
    settings = Settings(data_dir=folder / "new" / "data", clips_dir=folder / "elsewhere")
    settings.make_folders()
    assert {entry.name for entry in settings.data_dir.iterdir()} == {"plugins", "temp", "models"}
    assert settings.clips_dir.is_dir()
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700


def test_secrets_do_not_show(folder: Path) -> None:
    text = repr(Settings(data_dir=folder / "data", api_key=SecretStr("planted-1"), secret_key=SecretStr("planted-2")))
    assert "planted" not in text


@pytest.mark.parametrize(
    ("name", "template"), [("clip_name_template", "{titel}"), ("clip_folder_template", "{day}/{counter}")]
)
def test_a_template_that_cannot_be_used_is_named_with_the_reason(name: str, template: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(**{name: template})
    (error,) = caught.value.errors()
    assert error["loc"] == (name,)
    assert template.strip("{}") in error["msg"] or "counter" in error["msg"]
