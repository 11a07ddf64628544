"""The layers that a setting may come from, and the settings that they make together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, PydanticBaseSettingsSource

from clipshot.config.document import SettingsDocument
from clipshot.core.config.setting import Origin, Source
from clipshot.settings import Settings


class _OnlyThese(Settings):
    """Settings of the values that are given, whatever the environment says."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@dataclass(frozen=True)
class Layers:
    """What stands above the settings file, as it was at the start: it cannot change while the server runs."""

    # They may hold secrets, which no log is to show.
    command_line: Mapping[str, Any] = field(repr=False)
    environment: Mapping[str, Any] = field(repr=False)
    env_file: Mapping[str, Any] = field(repr=False)
    env_path: Path

    @classmethod
    def of_start(cls, command_line: Mapping[str, Any]) -> "Layers":
        """The command line's values, the environment, and ``.env`` in the working folder."""
        known = Settings.model_fields
        environment = EnvSettingsSource(Settings)()
        env_file = {name: value for name, value in DotEnvSettingsSource(Settings)().items() if name in known}
        return cls(dict(command_line), environment, env_file, Path(".env").absolute())

    @property
    def data_dir(self) -> Path | None:
        """The data directory that they name; None for the default one."""
        for layer in (self.command_line, self.environment, self.env_file):
            if layer.get("data_dir"):
                return Path(str(layer["data_dir"])).expanduser()
        return None

    def settings(self, file: Mapping[str, Any], run_time: Mapping[str, Any]) -> Settings:
        """All layers together. Raises pydantic's ValidationError."""
        return _OnlyThese(
            **{**file, **self.env_file, **self.environment, **self.command_line, **run_time},
        )

    def origin(self, name: str, document: SettingsDocument, path: Path) -> Origin:
        """Where the value of a setting comes from."""
        if name in self.command_line:
            return Origin(Source.COMMAND_LINE)
        if name in self.environment:
            return Origin(Source.ENVIRONMENT)
        if name in self.env_file:
            return Origin(Source.ENV_FILE, str(self.env_path))
        if name in document.values:
            return Origin(Source.FILE, str(path), document.line(name))
        return Origin(Source.DEFAULT)
