"""Every setting, with title, unit and default.

A setting comes from, the later over the earlier: its default, ``DATA_DIR/clipshot.toml`` (names in lower case), the
file ``.env`` in the working folder, the environment (``CLIPSHOT_`` before the name), and what the command line gave.
"""

import ipaddress
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from clipshot.core.clips.clip_names import DEFAULT_FOLDER, DEFAULT_NAME
from clipshot.core.clips.name_template import parse_folders, parse_name
from clipshot.core.errors import PreconditionError
from clipshot.key_file import load_or_create_key

DEFAULT_DATA_DIR = Path("~/.clipshot")

SETTINGS_FILE = "clipshot.toml"
"""Name of the settings file in the data directory."""

WELL_KNOWN_SECRET = "change-me-in-production"  # noqa: S105 - refused, that is why it stands here
"""A secret that everybody knows; it counts as none."""

Texts = Annotated[tuple[str, ...], NoDecode]
"""Several texts; in the environment parted by commas."""

Folders = Annotated[tuple[Path, ...], NoDecode]
"""Several folders; in the environment parted by commas."""


def _package_version() -> str:
    try:
        return version("clipshot")
    except PackageNotFoundError:  # run from the source tree
        return "0.0.0"


class Settings(BaseSettings):
    """The settings of one server. Folders are absolute once read."""

    model_config = SettingsConfigDict(
        env_prefix="CLIPSHOT_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",  # a file .env may hold the settings of other programs
        frozen=True,
        validate_default=True,
    )

    app_name: str = Field(default="ClipShot", title="Name of the application")
    version: str = Field(default_factory=_package_version, title="Semantic version of the server")
    debug: bool = Field(default=False, title="Debug logs, and the state of gRPC connections over gRPC (channelz)")

    host: str = Field(default="127.0.0.1", title="Address to listen on", min_length=1)
    port: int = Field(
        default=8000, title="Port for REST, documentation and the page; 0 takes a free one", ge=0, le=65535
    )
    grpc_port: int = Field(default=50051, title="Port for gRPC; 0 takes a free one", ge=0, le=65535)
    allow_remote: bool = Field(default=False, title="Listen on addresses that other machines reach, without TLS")
    allowed_hosts: Texts = Field(default=(), title="Names by which browsers may reach the server, beside localhost")
    cors_origins: Texts = Field(
        default=("http://localhost:3000", "http://localhost:5173"),
        title="Origins of pages that may call, with credentials",
    )

    data_dir: Path = Field(default=DEFAULT_DATA_DIR, title="Folder of everything that is kept")
    database_url: str = Field(default="", title="Database, a SQLite file; empty means clipshot.db in DATA_DIR")
    plugins_dir: Path = Field(default=Path(), title="Folder of plugins; empty means plugins in DATA_DIR")
    clips_dir: Path = Field(default=Path(), title="Folder of clips; empty means clips in DATA_DIR")
    temp_dir: Path = Field(default=Path(), title="Folder of unfinished files; empty means temp in DATA_DIR")
    ai_models_dir: Path = Field(default=Path(), title="Folder of models; empty means models in DATA_DIR")

    default_ai_provider: str = Field(default="local", title="AI provider used where none is named", min_length=1)
    secret_key: SecretStr = Field(
        default=SecretStr(""), title="Signs links and cookies; empty means one made at first start"
    )
    api_key: SecretStr = Field(
        default=SecretStr(""), title="Key that callers need; empty means one made at first start"
    )
    plugin_sandbox_enabled: bool = Field(default=True, title="Run plugins confined")
    plugin_timeout: float = Field(
        default=30.0, title="Longest call to a plugin where the caller sets no deadline, seconds", gt=0
    )
    max_workers: int = Field(default=4, title="Most media and inference workers together; never more than cores", ge=1)

    replay_seconds: float = Field(default=60.0, title="Length of the replay buffer, seconds", ge=1, le=14400)
    replay_max_bytes: int = Field(default=512 * 1024**2, title="Size of the replay buffer at most, bytes", ge=1024**2)
    replay_autostart: bool = Field(default=False, title="Start the replay buffer with the server")
    capture_backend: str = Field(default="auto", title="Capture backend: auto, x11, test", min_length=1)
    clip_name_template: str = Field(
        default=DEFAULT_NAME,
        title="Name of a clip's file, of fields such as {title}, {game}, {date}, {time}, {origin}, {counter}",
        max_length=500,
    )
    clip_folder_template: str = Field(
        default=DEFAULT_FOLDER,
        title="Folder of a clip below CLIPS_DIR, of the same fields; {game|date} is the first that is not empty",
        max_length=500,
    )
    import_roots: Folders = Field(default=(), title="Folders that callers may import from")
    export_roots: Folders = Field(default=(), title="Folders that callers may export to")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The layers, the strongest first; the settings file lies where the others say the data directory is."""
        stronger = (init_settings, env_settings, dotenv_settings)
        named = (source().get("data_dir") for source in stronger)
        data_dir = next((Path(str(value)) for value in named if value), DEFAULT_DATA_DIR)
        file = SettingsFile(settings_cls, data_dir.expanduser() / SETTINGS_FILE)
        return (*stronger, file)

    @field_validator("cors_origins", "allowed_hosts", "import_roots", "export_roots", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("import_roots", "export_roots")
    @classmethod
    def _absolute(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(folder.expanduser().absolute() for folder in value)

    @field_validator("clip_name_template")
    @classmethod
    def _names_files(cls, value: str) -> str:
        parse_name(value)
        return value

    @field_validator("clip_folder_template")
    @classmethod
    def _names_folders(cls, value: str) -> str:
        parse_folders(value)
        return value

    @field_validator("max_workers")
    @classmethod
    def _at_most_the_cores(cls, value: int) -> int:
        return min(value, os.cpu_count() or 1)

    @model_validator(mode="before")
    @classmethod
    def _fill_in_places(cls, values: dict[str, Any]) -> dict[str, Any]:
        data_dir = Path(values.get("data_dir") or DEFAULT_DATA_DIR).expanduser().absolute()
        filled = {**values, "data_dir": data_dir}
        for name, folder in _FOLDERS.items():
            filled[name] = Path(values.get(name) or data_dir / folder).expanduser().absolute()
        filled["database_url"] = values.get("database_url") or f"sqlite+aiosqlite:///{data_dir / 'clipshot.db'}"
        return filled

    @property
    def database_path(self) -> Path:
        """The database's file.

        Raises:
            PreconditionError: DATABASE_URL names none.
        """
        url = urlsplit(self.database_url)
        file = url.path.removeprefix("/")
        if url.scheme not in _DATABASE_SCHEMES or url.netloc or not file or ":memory:" in self.database_url:
            raise PreconditionError(
                "DATABASE_URL_UNUSABLE",
                f"DATABASE_URL {self.database_url!r} names no SQLite file; nothing would be kept",
                subject="DATABASE_URL",
                remedy="unset it, or set sqlite+aiosqlite:////absolute/path/clipshot.db",
            )
        return Path(file).expanduser().absolute()

    @property
    def is_remote(self) -> bool:
        """Whether HOST is an address that other machines reach."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True

    def check_servable(self) -> None:
        """Refuse settings that a server must not run with.

        Raises:
            PreconditionError: DATABASE_URL_UNUSABLE or REMOTE_WITHOUT_TLS.
        """
        _ = self.database_path
        if self.is_remote and not self.allow_remote:
            raise PreconditionError(
                "REMOTE_WITHOUT_TLS",
                f"HOST {self.host} is reached by other machines, and calls are not encrypted",
                subject="HOST",
                remedy="use 127.0.0.1 behind a TLS proxy, or set ALLOW_REMOTE=true if the network is yours",
            )
        if self.is_remote and self.secret_key.get_secret_value() == WELL_KNOWN_SECRET:
            raise PreconditionError(
                "SECRET_KEY_WELL_KNOWN",
                "SECRET_KEY is the one that everybody knows",
                subject="SECRET_KEY",
                remedy="unset it; a random one is made",
            )

    @property
    def written_folders(self) -> tuple[Path, ...]:
        """The folders that must not fill up."""
        return (self.data_dir, self.clips_dir, self.temp_dir)

    def make_folders(self) -> None:
        """Make the data directory and the folders for clips and the rest, for their owner only: screens are private."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _FOLDERS:
            folder: Path = getattr(self, name)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.database_path.parent.mkdir(parents=True, exist_ok=True)

    def with_keys(self) -> Self:
        """The settings with SECRET_KEY and API_KEY; keys that are not set are in files of the data directory."""
        secret, key = self.secret_key.get_secret_value(), self.api_key.get_secret_value()
        if secret in ("", WELL_KNOWN_SECRET):
            secret = load_or_create_key(self.data_dir / "secret-key")
        if not key:
            key = load_or_create_key(self.api_key_path)
        return self.model_copy(update={"secret_key": SecretStr(secret), "api_key": SecretStr(key)})

    @property
    def api_key_path(self) -> Path:
        """The file of the key that was made at first start."""
        return self.data_dir / "api-key"


class SettingsFile(TomlConfigSettingsSource):
    """The settings file in the data directory; a name in it that is no setting is refused, since it is a slip."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path) -> None:
        self._path = path
        super().__init__(settings_cls, path)

    def __call__(self) -> dict[str, Any]:
        """What the file sets.

        Raises:
            PreconditionError: SETTING_UNKNOWN.
        """
        found = super().__call__()
        unknown = sorted(set(found) - set(self.settings_cls.model_fields))
        if unknown:
            raise PreconditionError(
                "SETTING_UNKNOWN",
                f"{self._path} sets {', '.join(unknown)}, which is no setting",
                subject=str(self._path),
                remedy="correct the name, in lower case, or remove the line",
                metadata={"names": ",".join(unknown)},
            )
        return found


_DATABASE_SCHEMES = ("sqlite", "sqlite+aiosqlite")
_FOLDERS = {"plugins_dir": "plugins", "clips_dir": "clips", "temp_dir": "temp", "ai_models_dir": "models"}
