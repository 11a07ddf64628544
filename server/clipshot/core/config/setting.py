"""Settings as callers see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
"""What JSON can say."""


class Source(StrEnum):
    """Where a value comes from, the later over the earlier."""

    DEFAULT = "default"
    FILE = "file"
    ENV_FILE = "env_file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command_line"
    RUN_TIME = "run_time"


class Effect(StrEnum):
    """When a new value works: at once, for sessions that start from then on, or after a restart."""

    AT_ONCE = "at_once"
    NEXT_SESSION = "next_session"
    RESTART = "restart"


@dataclass(frozen=True)
class SettingSpec:
    """What a setting is. ``fixed`` ones cannot be changed over the API."""

    name: str
    section: str
    title: str
    description: str
    unit: str
    default: JsonValue
    effect: Effect
    secret: bool = False
    fixed: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a value comes from; ``path`` and ``line`` (from 1) where a file says it."""

    source: Source
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class Setting:
    """A setting, its value in force, and the one that the next start takes. Values of secrets are None."""

    name: str
    section: str
    title: str
    description: str
    unit: str
    value: JsonValue
    default_value: JsonValue
    source: Source
    path: str
    line: int
    effect: Effect
    next_value: JsonValue
    restart_pending: bool
    secret: bool
    is_set: bool
    fixed: bool
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]


@dataclass(frozen=True)
class SettingFault:
    """Why a settings file cannot be used. ``line`` counts from 1, 0 is none."""

    reason: str
    line: int = 0
    name: str = ""


@dataclass(frozen=True)
class Config:
    """All settings; ``faults`` are those of the file as it is now, which is not in force then."""

    settings: tuple[Setting, ...]
    etag: str
    path: str
    faults: tuple[SettingFault, ...] = ()


@dataclass(frozen=True)
class SettingChange:
    """What a change means for one setting."""

    name: str
    old_value: JsonValue
    new_value: JsonValue
    effect: Effect


@dataclass(frozen=True)
class ConfigOutcome:
    """What a change did, or would do; ``notes`` tell what did not work as far as it should."""

    config: Config
    changes: tuple[SettingChange, ...]
    notes: tuple[str, ...] = ()
