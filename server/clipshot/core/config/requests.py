"""What callers ask of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from clipshot.core.config.ports import Format
from clipshot.core.config.setting import JsonValue


@dataclass(frozen=True)
class UpdateRequest:
    """Change settings: empty ``names`` means those of ``values``; one without a value gets its default back."""

    values: Mapping[str, JsonValue]
    names: tuple[str, ...] = ()
    etag: str = ""
    validate_only: bool = False
    until_restart: bool = False


@dataclass(frozen=True)
class ResetRequest:
    """Give settings their defaults back: these, or ``all``."""

    names: tuple[str, ...] = ()
    all: bool = False
    etag: str = ""
    validate_only: bool = False


@dataclass(frozen=True)
class ImportRequest:
    """Take over what a file sets; ``replace`` resets what it does not name."""

    content: str
    format: Format = Format.TOML
    replace: bool = False
    etag: str = ""
    validate_only: bool = False
