"""Every setting, with title, unit and default.

A setting comes from, the later over the earlier: its default, ``DATA_DIR/clipshot.toml`` (names in lower case), the
file ``.env`` in the working folder, the environment (``CLIPSHOT_`` before the name), and what the command line gave.
"""

import ipaddress
import os
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from clipshot.config.field import setting
from clipshot.config.toml_source import SettingsFileSource
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


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DATABASE_SCHEMES = ("sqlite", "sqlite+aiosqlite")
_FOLDERS = {"plugins_dir": "plugins", "clips_dir": "clips", "temp_dir": "temp", "ai_models_dir": "models"}


def _absolute_folder(folder: Path) -> Path:
    try:
        return folder.expanduser().absolute()
    except RuntimeError as error:  # `~name` of nobody
        raise ValueError(str(error)) from error


def _package_version() -> str:
    try:
        return version("clipshot")
    except PackageNotFoundError:  # run from the source tree
        return "0.0.0"


Switch = Literal["auto", "on", "off"]
"""On, off, or as the machine is."""


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

    app_name: str = setting("ClipShot", "Name of the application", "server", min_length=1, max_length=100)
    version: str = Field(
        default_factory=_package_version,
        title="Semantic version of the server",
        json_schema_extra={"x-section": "server", "x-effect": "restart", "x-fixed": True},
    )
    debug: bool = setting(
        False,
        "Debug logs",
        "server",
        effect="at_once",
        description="Also serves the state of gRPC connections over gRPC (channelz), if set at the start",
    )

    host: str = setting("127.0.0.1", "Address to listen on", "network", min_length=1, max_length=255)
    port: int = setting(
        8000, "Port for REST, documentation and the page", "network", description="0 takes a free one", ge=0, le=65535
    )
    grpc_port: int = setting(50051, "Port for gRPC", "network", description="0 takes a free one", ge=0, le=65535)
    allow_remote: bool = setting(False, "Listen on addresses that other machines reach, without TLS", "network")
    allowed_hosts: Texts = setting(
        (), "Names by which browsers may reach the server, beside localhost", "network", effect="at_once"
    )
    cors_origins: Texts = setting(
        ("http://localhost:3000", "http://localhost:5173"),
        "Origins of pages that may call, with credentials",
        "network",
        effect="at_once",
    )

    data_dir: Path = setting(
        DEFAULT_DATA_DIR,
        "Folder of everything that is kept",
        "places",
        description="The settings file lies in it, and so cannot name it",
        fixed=True,
    )
    database_url: str = setting(
        "", "Database, a SQLite file", "places", description="Empty means clipshot.db in DATA_DIR", max_length=4096
    )
    plugins_dir: Path = setting(Path(), "Folder of plugins", "places", description="Empty means plugins in DATA_DIR")
    clips_dir: Path = setting(Path(), "Folder of clips", "places", description="Empty means clips in DATA_DIR")
    temp_dir: Path = setting(Path(), "Folder of unfinished files", "places", description="Empty means temp in DATA_DIR")
    ai_models_dir: Path = setting(Path(), "Folder of models", "places", description="Empty means models in DATA_DIR")
    import_roots: Folders = setting((), "Folders that callers may import from", "places")
    export_roots: Folders = setting((), "Folders that callers may export to", "places")

    secret_key: SecretStr = setting(
        SecretStr(""), "Signs links and cookies", "access", description="Empty means one made at first start"
    )
    api_key: SecretStr = setting(
        SecretStr(""), "Key that callers need", "access", description="Empty means one made at first start"
    )

    default_ai_provider: str = setting(
        "local", "AI provider used where none is named", "ai", min_length=1, max_length=100
    )
    plugin_sandbox_enabled: bool = setting(True, "Run plugins confined", "plugins")
    plugin_timeout: float = setting(
        30.0,
        "Longest call to a plugin where the caller sets no deadline",
        "plugins",
        unit="seconds",
        gt=0,
        le=86_400,
    )
    max_workers: int = setting(
        4,
        "Most media and inference workers together",
        "work",
        description="Never more than the machine has cores",
        ge=1,
        le=1024,
    )

    replay_seconds: float = setting(
        60.0,
        "Length of the replay buffer",
        "replay",
        unit="seconds",
        effect="at_once",
        description="Buffers that run with another length keep theirs",
        ge=1,
        le=14400,
    )
    replay_max_bytes: int = setting(
        512 * 1024**2,
        "Size of the replay buffer at most",
        "replay",
        unit="bytes",
        effect="at_once",
        ge=1024**2,
        le=2**40,
    )
    replay_autostart: bool = setting(False, "Start the replay buffer with the server", "replay")

    clip_name_template: str = setting(
        DEFAULT_NAME,
        "Name of a clip's file",
        "clips",
        effect="at_once",
        description="Of fields such as {title}, {game}, {date}, {time}, {origin}, {counter}",
        max_length=500,
    )
    clip_folder_template: str = setting(
        DEFAULT_FOLDER,
        "Folder of a clip below CLIPS_DIR",
        "clips",
        effect="at_once",
        description="Of the same fields; {game|date} is the first that is not empty",
        max_length=500,
    )

    notify_desktop: Switch = setting(
        "auto",
        "Show a notification when a clip is saved, or could not be",
        "notifications",
        effect="at_once",
        description="auto: where the server runs in a desktop session",
    )
    notify_sound: Switch = setting(
        "auto",
        "Play a tone when a clip is saved, or could not be",
        "notifications",
        effect="at_once",
        description="auto: where the server runs in a desktop session; recorded with the desktop's sound",
    )

    capture_backend: str = setting(
        "auto", "Capture backend", "capture", description="auto, x11, mss, test", min_length=1, max_length=32
    )
    frozen_after: float = setting(
        600.0,
        "How long a picture may stand still before that is told",
        "capture",
        unit="seconds",
        effect="next_session",
        description="0 never tells it",
        ge=0,
        le=86_400,
    )
    audio_inputs: Texts = setting(
        ("default-output",),
        "Sound devices to record, a track each",
        "audio",
        effect="next_session",
        description="Ids as `clipshot audio devices` lists them; none means no sound",
        max_length=8,
    )
    audio_bitrate_kbps: int = setting(
        160, "Bitrate of each sound track", "audio", unit="kbit/s", effect="next_session", ge=32, le=512
    )
    video_fps: int = setting(
        0,
        "Most pictures a second",
        "video",
        unit="pictures/s",
        effect="next_session",
        description="0 means 60 with four cores or more, else 30",
        ge=0,
        le=240,
    )
    video_rate_control: Literal["crf", "cbr", "vbr"] = setting(
        "crf",
        "How the bitrate is controlled",
        "video",
        effect="next_session",
        description="Constant quality, constant bitrate, or a bitrate that varies",
    )
    video_crf: float = setting(23.0, "Quality with crf, lower is better", "video", effect="at_once", ge=0, le=51)
    video_bitrate_kbps: int = setting(
        12_000, "Bitrate with cbr and vbr", "video", unit="kbit/s", effect="at_once", ge=100, le=500_000
    )
    video_max_bitrate_kbps: int = setting(
        20_000, "Highest bitrate with crf and vbr", "video", unit="kbit/s", effect="at_once", ge=100, le=500_000
    )
    video_preset: str = setting(
        "superfast",
        "Preset of the encoder, from fast and large to slow and small",
        "video",
        effect="next_session",
        description="An encoder that does not know it takes its own",
        min_length=1,
        max_length=32,
    )

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
        file = SettingsFileSource(settings_cls, data_dir.expanduser() / SETTINGS_FILE)
        return (*stronger, file)

    @field_validator("cors_origins", "allowed_hosts", "import_roots", "export_roots", "audio_inputs", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _meant(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what a program could take for something that nobody meant."""
        texts = value if isinstance(value, (list, tuple)) else (value,)
        if any(isinstance(text, str) and _CONTROL.search(text) for text in texts):
            raise ValueError("must not hold control characters")
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation is not bool:
            raise ValueError("must not be true or false")
        return value

    @field_validator("import_roots", "export_roots")
    @classmethod
    def _absolute(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(_absolute_folder(folder) for folder in value)

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

    @field_validator("data_dir", *_FOLDERS)
    @classmethod
    def _place(cls, value: Path) -> Path:
        return _absolute_folder(value)

    @model_validator(mode="before")
    @classmethod
    def _fill_in_places(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Folders that nobody named lie in the data directory; what was named is the field's own to check."""
        filled = dict(values)
        filled["data_dir"] = values.get("data_dir") or DEFAULT_DATA_DIR
        if not isinstance(filled["data_dir"], (str, Path)):
            return filled
        base = Path(filled["data_dir"])
        for name, folder in _FOLDERS.items():
            filled[name] = values.get(name) or base / folder
        if not values.get("database_url"):
            filled["database_url"] = f"sqlite+aiosqlite:///{os.path.abspath(os.path.expanduser(base / 'clipshot.db'))}"
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
