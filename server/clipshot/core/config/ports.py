"""What core needs of the place where settings are kept. ``S`` is the settings as the rest of the server takes them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from clipshot.core.config.setting import JsonValue, Origin, SettingSpec

S = TypeVar("S")


class Format(StrEnum):
    """A form of settings outside of the server."""

    TOML = "toml"
    JSON = "json"


@dataclass(frozen=True)
class Reading(Generic[S]):
    """All layers, put together and checked.

    ``values`` are as in JSON; that of a secret is a fingerprint, which tells only whether it changed.
    ``origins`` are those below the values that hold until the restart. ``etag`` changes with every value and with the
    file.
    """

    settings: S
    values: Mapping[str, JsonValue]
    origins: Mapping[str, Origin]
    etag: str


@dataclass(frozen=True)
class Edits:
    """New values by name; those that are ``removed`` get their defaults back."""

    values: Mapping[str, JsonValue]
    removed: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """All that is edited."""
        return self.removed.union(self.values)


@dataclass(frozen=True)
class Draft(Generic[S]):
    """A settings file that was not written yet, and what it would mean."""

    text: str
    reading: Reading[S]


class SettingsKeeper(Protocol[S]):
    """The settings file and what stands above it."""

    @property
    def path(self) -> str:
        """The settings file."""

    @property
    def specs(self) -> Sequence[SettingSpec]:
        """Every setting, in the order of the documentation."""

    async def read(self, run_time: Mapping[str, JsonValue]) -> Reading[S]:
        """What holds with the file as it is, ``run_time`` above all else. SettingsFileError when it cannot be used."""

    async def draft(self, edits: Edits, run_time: Mapping[str, JsonValue]) -> Draft[S]:
        """What would hold with the file edited. InvalidArgumentError with a violation for each fault."""

    async def write(self, draft: Draft[S]) -> None:
        """Put a draft in the file's place, whole or not at all. UnavailableError SETTINGS_FILE_UNWRITABLE."""

    async def keep_good(self) -> None:
        """The file works: keep a copy for a start with one that does not."""

    def parse(self, content: str, form: Format) -> Mapping[str, JsonValue]:
        """Names and values of a file that somebody brings. InvalidArgumentError CONTENT_NOT_VALID."""

    def render(self, values: Mapping[str, JsonValue], form: Format) -> str:
        """A file of these values."""


@dataclass(frozen=True)
class Applier(Generic[S]):
    """Makes changed settings work while the server runs; ``apply`` answers what did not work as far as it should."""

    names: frozenset[str]
    apply: Callable[[S], Awaitable[Sequence[str]]]
