"""The settings of a start: with the settings file as it is or, where that is broken, as it last worked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from clipshot.config.document import SettingsDocument
from clipshot.config.file import SettingsFile
from clipshot.config.keeper import FileSettingsKeeper
from clipshot.config.layers import Layers
from clipshot.core.config.faults import SettingsFileError
from clipshot.core.config.ports import Reading
from clipshot.core.errors import PreconditionError
from clipshot.settings import DEFAULT_DATA_DIR, SETTINGS_FILE, Settings

GUARDING = (
    "host",
    "allow_remote",
    "allowed_hosts",
    "cors_origins",
    "secret_key",
    "api_key",
    "plugin_sandbox_enabled",
    "import_roots",
    "export_roots",
    "clips_dir",
    "database_url",
)
"""Settings that keep somebody out, or pictures of the screen where they belong.

A broken file that says something else of one of them than the copy that last worked may be meant to close a door: a
new key, a folder on an encrypted disk. Starting with the copy would leave it open, so there the start is refused.
"""


@dataclass(frozen=True)
class StartSettings:
    """Where a server begins; ``fault`` is what is wrong with the file that it does not begin with."""

    keeper: FileSettingsKeeper
    reading: Reading[Settings]
    fault: SettingsFileError | None

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.reading.settings


def load_settings(command_line: Mapping[str, Any]) -> StartSettings:
    """The settings for a start with these values of the command line.

    Raises:
        ValidationError: the command line, the environment or ``.env`` is wrong.
        SettingsFileError: the file is broken, and there is no copy that worked.
        PreconditionError: SETTINGS_FILE_UNSAFE, it is broken and starting with the copy may not be what was meant.
    """
    layers = Layers.of_start(command_line)
    layers.settings({}, {})  # what is wrong without the file is not the file's fault, and no copy of it would help
    path = (layers.data_dir or DEFAULT_DATA_DIR).expanduser().absolute() / SETTINGS_FILE
    file = SettingsFile(path)
    keeper = FileSettingsKeeper(file, layers)
    text, fault = "", None
    try:
        text = file.read()
        reading = keeper.reading(text, {}, for_a_start=True)
    except SettingsFileError as error:
        fault = error
        reading = _last_good(file, keeper, error)
    keeper.began_with(text, fault)
    return StartSettings(keeper, reading, fault)


def _last_good(file: SettingsFile, keeper: FileSettingsKeeper, fault: SettingsFileError) -> Reading[Settings]:
    try:
        good = file.read_good()
    except SettingsFileError:
        good = None
    if good is None:
        # Nothing has ever run with this file: whoever wrote it is there, and defaults may record where he did not want.
        raise fault
    try:
        reading = keeper.reading(good, {}, for_a_start=True)
    except SettingsFileError:
        raise fault from None
    try:
        now = file.read()
    except SettingsFileError:
        raise fault from None
    changed = [name for name in GUARDING if _said(now, name, file.path) != _said(good, name, file.path)]
    if changed:
        raise PreconditionError(
            "SETTINGS_FILE_UNSAFE",
            f"{fault.message}; it also changes {', '.join(changed)}, so the copy that last worked is not used",
            subject=fault.path,
            remedy=fault.remedy,
            metadata={"path": fault.path, "names": ",".join(changed)},
        )
    return reading


def _said(text: str, name: str, path: Path) -> str:
    """What a text that may be broken says of a setting: its value, or the lines that look like it."""
    try:
        value = SettingsDocument.parse(text, path).values.get(name)
    except SettingsFileError:
        return _statement(text, name)
    return "" if value is None else repr(value)


def _statement(text: str, name: str) -> str:
    """The first lines that set a name and are TOML by themselves; all that follows where there are none."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if SettingsDocument.name_in(line) != name:
            continue
        for end in range(start + 1, len(lines) + 1):
            try:
                return repr(tomlkit.parse("\n".join(lines[start:end])).unwrap().get(name))
            except (TOMLKitError, ValueError):
                continue
        return "\n".join(lines[start:])
    return ""
