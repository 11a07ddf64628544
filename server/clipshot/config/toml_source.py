"""The settings file as a source of the settings model."""

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from clipshot.config.document import SettingsDocument


class SettingsFileSource(PydanticBaseSettingsSource):
    """What the settings file in the data directory sets; one that is not there sets nothing."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path) -> None:
        super().__init__(settings_cls)
        self._path = path

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """See the base class; values come all at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """What the file sets.

        Raises:
            SettingsFileError: it is no TOML, or names what is no setting.
        """
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsDocument.unreadable(self._path, error) from error
        document = SettingsDocument.parse(text, self._path)
        document.check_names(self.settings_cls)
        return document.values
