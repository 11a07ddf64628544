"""The text of a settings file: what it sets, on which line, and the same text with a few values changed."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel
from tomlkit.exceptions import ParseError, TOMLKitError

from clipshot.core.config.faults import SettingsFileError
from clipshot.core.config.names import unknown_setting
from clipshot.core.config.setting import SettingFault

NAMES_ITS_OWN_PLACE = "data_dir"
"""The settings file lies in the data directory and is found by it."""


class SettingsDocument:
    """A settings file that is TOML. Comments and order outlive every edit."""

    def __init__(self, document: tomlkit.TOMLDocument, text: str, path: Path) -> None:
        self._document = document
        self.text = text
        self._path = path

    @classmethod
    def parse(cls, text: str, path: Path) -> "SettingsDocument":
        """The document of a text; ``path`` is for errors.

        Raises:
            SettingsFileError: it is no TOML.
        """
        try:
            return cls(tomlkit.parse(text), text, path)
        except ParseError as error:
            reason = str(error).partition(" at line ")[0]
            raise SettingsFileError(
                str(path), [SettingFault(reason, error.line, _name_on(text, error.line))]
            ) from error
        except (TOMLKitError, ValueError) as error:  # a name twice, a date that is none
            raise SettingsFileError(str(path), [SettingFault(str(error))]) from error

    @staticmethod
    def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> SettingsFileError:
        """The error for a file that cannot be read as text."""
        reason = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else "is not UTF-8"
        return SettingsFileError(str(path), [SettingFault(reason)])

    @property
    def values(self) -> dict[str, Any]:
        """Names and values."""
        unwrapped: dict[str, Any] = self._document.unwrap()
        return unwrapped

    def line(self, name: str) -> int:
        """The line that sets a name, from 1; 0 when none does."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if self.name_in(line) == name:
                return number
        return 0

    @staticmethod
    def name_in(line: str) -> str:
        """The name that a line sets; empty when it sets none."""
        found = _NAME.match(line) or _TABLE.match(line)
        return next((text for text in found.groups() if text), "") if found else ""

    def check_names(self, model: type[BaseModel]) -> None:
        """Refuse names that are no settings, since they are slips.

        Raises:
            SettingsFileError: with a fault for each.
        """
        known = model.model_fields
        faults = [
            SettingFault(unknown_setting(name, known), self.line(name), name)
            for name in self.values
            if name not in known
        ]
        if NAMES_ITS_OWN_PLACE in self.values:
            reason = "the file lies in DATA_DIR and cannot name it; use --data-dir or CLIPSHOT_DATA_DIR"
            faults.append(SettingFault(reason, self.line(NAMES_ITS_OWN_PLACE), NAMES_ITS_OWN_PLACE))
        if faults:
            raise SettingsFileError(str(self._path), faults)

    def edited(self, values: Mapping[str, Any], removed: Iterable[str]) -> "SettingsDocument":
        """The same with other values; names that are new come at the end."""
        document = tomlkit.parse(self.text)
        for name in removed:
            document.pop(name, None)
        for name, value in values.items():
            document[name] = value
        return SettingsDocument(document, tomlkit.dumps(document), self._path)


_NAME = re.compile(r"""\s*(?:"(?P<quoted>[^"]*)"|'(?P<literal>[^']*)'|(?P<bare>[A-Za-z0-9_-]+))\s*[=.]""")
_TABLE = re.compile(r"\s*\[{1,2}\s*\"?(?P<name>[A-Za-z0-9_-]+)")


def _name_on(text: str, line: int) -> str:
    lines = text.splitlines()
    return SettingsDocument.name_in(lines[line - 1]) if 0 < line <= len(lines) else ""
