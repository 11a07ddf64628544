"""The settings file: its faults by line, edits that keep what people wrote, and a start with a broken one."""

import os
import stat
from pathlib import Path

import pytest
import tomlkit
from pydantic import ValidationError

from clipshot.config.document import SettingsDocument
from clipshot.config.file import SettingsFile
from clipshot.config.keeper import FileSettingsKeeper
from clipshot.config.layers import Layers
from clipshot.config.specs import setting_specs, settings_schema
from clipshot.config.start import GUARDING, StartSettings, load_settings
from clipshot.core.config.faults import SettingsFileError
from clipshot.core.config.ports import Edits
from clipshot.core.config.setting import SettingFault, Source
from clipshot.core.errors import InvalidArgumentError, PreconditionError, UnavailableError
from clipshot.settings import Settings

WRITTEN = """\
# How this machine records.

replay_seconds = 30  # half a minute

# Pages of mine
cors_origins = [
  "http://a.lan",
  "http://b.lan",
]
port = 8001
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory, and an environment that says nothing."""
    for name in list(os.environ):
        if name.startswith("CLIPSHOT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def path(folder: Path) -> Path:
    return folder / "clipshot.toml"


def keeper(folder: Path, **command_line: object) -> FileSettingsKeeper:
    return FileSettingsKeeper(SettingsFile(path(folder)), Layers.of_start({"data_dir": folder, **command_line}))


async def change(folder: Path, values: dict[str, object], *removed: str) -> str:
    """Edit the file; its text afterwards."""
    kept = keeper(folder)
    await kept.write(await kept.draft(Edits(values, frozenset(removed)), {}))  # type: ignore[arg-type]
    return path(folder).read_text()


async def test_an_edit_keeps_comments_order_and_everything_else(folder: Path) -> None:
    path(folder).write_text(WRITTEN)
    text = await change(folder, {"replay_seconds": 90, "debug": "true"}, "port")
    assert text == WRITTEN.replace("= 30 ", "= 90 ").replace("port = 8001\n", "") + "debug = true\n"


@pytest.mark.parametrize("text", ["port = 1", "port = 1 # mine", "# mine", "port = 1\r\n", "cors_origins = [\n]"])
async def test_what_is_new_gets_a_line_of_its_own(folder: Path, text: str) -> None:
    path(folder).write_text(text, newline="")
    edited = await change(folder, {"debug": True, "video_crf": 18})
    assert edited.startswith(text.strip())
    assert edited.splitlines()[-2:] == ["debug = true", "video_crf = 18"]


async def test_an_edit_of_no_file_makes_one_for_its_owner(folder: Path) -> None:
    assert await change(folder, {"replay_seconds": 12}) == "replay_seconds = 12\n"
    assert stat.S_IMODE(path(folder).stat().st_mode) == 0o600


async def test_an_edit_keeps_the_rights_of_the_file_and_the_link_to_it(folder: Path) -> None:
    real = folder / "dotfiles.toml"
    real.write_text(WRITTEN)
    real.chmod(0o640)
    path(folder).symlink_to(real)
    await change(folder, {"port": 8002})
    assert path(folder).is_symlink()
    assert "port = 8002" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


async def test_a_file_that_cannot_be_written_stays_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path(folder).write_text(WRITTEN)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError) as caught:
        await change(folder, {"port": 8002})
    assert caught.value.reason == "SETTINGS_FILE_UNWRITABLE"
    assert path(folder).read_text() == WRITTEN
    assert os.listdir(folder) == ["clipshot.toml"], "nothing lies about"


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("port = 8000\nreplay_seconds = \n", 2, "replay_seconds"),
        ("port = 8000\n\n[[\n", 3, ""),
        ("port = 8000\nprot = 1\n", 2, "prot"),
        ("# a\nport = 99999\n", 2, "port"),
        ('debug = true\nport = "many"\n', 2, "port"),
        ("replay_seconds = true\n", 1, "replay_seconds"),
        ('\n\nhost = "0.0.0.0"\n', 3, "host"),
        ('data_dir = "/elsewhere"\n', 1, "data_dir"),
        ("[server]\nport = 1\n", 1, "server"),
        ('database_url = "postgresql://x/y"\n', 1, "database_url"),
        ('app_name = "a\\u0000b"\n', 1, "app_name"),
    ],
)
async def test_a_fault_names_line_and_setting(folder: Path, text: str, line: int, name: str) -> None:
    path(folder).write_text(text)
    with pytest.raises(SettingsFileError) as caught:
        await keeper(folder).read({})
    (fault,) = caught.value.faults
    assert (fault.line, fault.name) == (line, name)
    assert fault.reason
    assert caught.value.reason == "SETTINGS_FILE_BROKEN"
    assert f"line {line}" in caught.value.message


async def test_all_faults_are_told_at_once(folder: Path) -> None:
    path(folder).write_text("port = 99999\ndebug = 3\ngrpc_port = 'x'\n")
    with pytest.raises(SettingsFileError) as caught:
        await keeper(folder).read({})
    assert [(fault.line, fault.name) for fault in caught.value.faults] == [(2, "debug"), (1, "port"), (3, "grpc_port")]


async def test_a_slip_names_what_was_meant(folder: Path) -> None:
    path(folder).write_text("replay_second = 1\n")
    with pytest.raises(SettingsFileError, match="did you mean replay_seconds"):
        await keeper(folder).read({})


async def test_each_value_knows_where_it_comes_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path(folder).write_text(WRITTEN)
    monkeypatch.setenv("CLIPSHOT_GRPC_PORT", "1")
    (folder / ".env").write_text("CLIPSHOT_DEBUG=true\n")
    origins = (await keeper(folder, replay_autostart=True).read({})).origins
    assert origins["replay_seconds"].source is Source.FILE
    assert (origins["port"].path, origins["port"].line) == (str(path(folder)), 10)
    assert origins["grpc_port"].source is Source.ENVIRONMENT
    assert (origins["debug"].source, origins["debug"].path) == (Source.ENV_FILE, str(folder / ".env"))
    assert origins["replay_autostart"].source is Source.COMMAND_LINE
    assert origins["host"].source is Source.DEFAULT


async def test_what_holds_until_the_restart_is_above_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPSHOT_REPLAY_SECONDS", "30")
    assert (await keeper(folder).read({"replay_seconds": 44})).settings.replay_seconds == 44


async def test_a_folder_that_cannot_be_made_is_refused(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(InvalidArgumentError) as caught:
        await keeper(folder).draft(Edits({"clips_dir": str(folder / "file" / "clips")}), {})
    assert [(each.field, each.reason) for each in caught.value.violations] == [("values.clips_dir", "FOLDER_UNUSABLE")]


async def test_values_never_show_a_secret(folder: Path) -> None:
    path(folder).write_text('api_key = "planted-key"\n')
    reading = await keeper(folder).read({})
    assert reading.settings.api_key.get_secret_value() == "planted-key"
    assert "planted-key" not in repr(reading)
    assert reading.values["api_key"]


class TestStart:
    def start(self, folder: Path) -> StartSettings:
        return load_settings({"data_dir": folder})

    async def started_well(self, folder: Path, text: str) -> None:
        path(folder).write_text(text)
        await self.start(folder).keeper.keep_good()

    async def test_a_good_file_is_kept_for_its_owner(self, folder: Path) -> None:
        await self.started_well(folder, WRITTEN)
        good = folder / "clipshot.toml.good"
        assert good.read_text() == WRITTEN
        assert stat.S_IMODE(good.stat().st_mode) == 0o600

    @pytest.mark.parametrize("broken", ["port = \n", WRITTEN + "prot = 1\n", WRITTEN.replace("30", "-1")])
    async def test_a_broken_one_is_replaced_by_the_copy(self, folder: Path, broken: str) -> None:
        await self.started_well(folder, WRITTEN)
        if "cors_origins" not in broken:
            broken = WRITTEN + broken
        path(folder).write_text(broken)
        start = self.start(folder)
        assert start.settings.replay_seconds == 30
        assert start.fault is not None
        assert start.fault.faults[0].line
        assert path(folder).read_text() == broken, "it is the owner's to mend"

    async def test_without_a_copy_the_start_is_refused(self, folder: Path) -> None:
        path(folder).write_text("port = \n")
        with pytest.raises(SettingsFileError):
            self.start(folder)

    async def test_a_first_file_that_is_broken_does_not_stop_a_server_that_ran_without_one(self, folder: Path) -> None:
        await self.start(folder).keeper.keep_good()
        path(folder).write_text("replay_seconds = \n")
        assert self.start(folder).settings.replay_seconds == 60

    @pytest.mark.parametrize(
        ("good", "broken", "named"),
        [
            ('api_key = "old"\n', 'api_key = "new"\nport = \n', "api_key"),
            ('api_key = "old"\n', "port = 99999\n", "api_key"),
            ("allow_remote = true\n", "allow_remote = false\nport = 99999\n", "allow_remote"),
            (
                'cors_origins = [\n"http://a",\n"http://b",\n]\n',
                'cors_origins = [\n"http://b",\n]\nport = \n',
                "cors_origins",
            ),
            ("", 'clips_dir = "/encrypted/clips"\nport = \n', "clips_dir"),
            ("plugin_sandbox_enabled = false\n", "plugin_sandbox_enabled = tru\n", "plugin_sandbox_enabled"),
        ],
    )
    async def test_one_that_may_close_a_door_is_not_replaced(
        self, folder: Path, good: str, broken: str, named: str
    ) -> None:
        await self.started_well(folder, good)
        path(folder).write_text(broken)
        with pytest.raises(PreconditionError) as caught:
            self.start(folder)
        assert caught.value.reason == "SETTINGS_FILE_UNSAFE"
        assert named in caught.value.metadata["names"].split(",")
        assert not {"new", "old"} & set(caught.value.message.split()), "a secret is not told"

    def test_what_is_wrong_in_the_environment_is_no_fault_of_the_file(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CLIPSHOT_PORT", "many")
        with pytest.raises(ValidationError, match="port"):
            self.start(folder)

    async def test_a_folder_that_cannot_be_made_is_a_fault_of_the_file(self, folder: Path) -> None:
        (folder / "file").write_text("")
        await self.started_well(folder, "")
        path(folder).write_text(f'temp_dir = "{folder / "file" / "temp"}"\n')
        start = self.start(folder)
        assert start.settings.temp_dir == folder / "temp"
        assert start.fault is not None
        assert start.fault.faults[0].name == "temp_dir"
        with pytest.raises(SettingsFileError):
            await start.keeper.read({})
        with pytest.raises(SettingsFileError):
            await start.keeper.draft(Edits({"debug": True}), {})
        await start.keeper.keep_good()
        assert (folder / "clipshot.toml.good").read_text() == "", "what is broken is no good copy"
        await start.keeper.write(await start.keeper.draft(Edits({}, frozenset({"temp_dir"})), {}))
        assert (await start.keeper.read({})).settings.temp_dir == folder / "temp", "an edit may mend it"

    async def test_a_folder_that_goes_away_is_no_fault_of_the_file(self, folder: Path) -> None:
        (folder / "disk").mkdir()
        await self.started_well(folder, f'clips_dir = "{folder / "disk"}"\n')
        start = self.start(folder)
        (folder / "disk").rmdir()
        (folder / "disk").write_text("")
        assert (await start.keeper.read({})).settings.clips_dir == folder / "disk"
        await start.keeper.draft(Edits({"debug": True}), {})

    def test_guarding_settings_are_settings(self) -> None:
        assert set(GUARDING) <= set(Settings.model_fields)


def test_the_schema_tells_titles_units_limits_and_what_needs_a_restart() -> None:
    properties = settings_schema()["properties"]
    assert set(properties) == set(Settings.model_fields)
    assert all(part["title"] and part["x-section"] for part in properties.values())
    seconds = properties["replay_seconds"]
    assert (seconds["minimum"], seconds["maximum"], seconds["x-unit"], seconds["x-restart"]) == (
        1,
        14400,
        "seconds",
        False,
    )
    assert (properties["port"]["default"], properties["port"]["x-restart"]) == (8000, True)
    assert {name for name, part in properties.items() if part.get("x-secret")} == {"api_key", "secret_key"}
    assert "default" not in properties["api_key"]
    assert properties["video_rate_control"]["enum"] == ["crf", "cbr", "vbr"]


def test_defaults_are_the_same_on_every_machine() -> None:
    home = str(Path.home())
    assert all(home not in str(spec.default) for spec in setting_specs())


def test_edits_cannot_grow_the_text_beyond_what_toml_holds() -> None:
    document = SettingsDocument.parse("", Path("x"))
    edited = document.edited({"app_name": 'a"b\\c', "cors_origins": ["é", "]"]}, ())
    assert tomlkit.parse(edited.text).unwrap() == {"app_name": 'a"b\\c', "cors_origins": ["é", "]"]}


def test_a_file_that_is_no_text_is_a_fault(folder: Path) -> None:
    path(folder).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsFileError) as caught:
        SettingsFile(path(folder)).read()
    assert caught.value.faults == (SettingFault("is not UTF-8"),)
