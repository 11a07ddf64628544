"""What is wrong with values, setting by setting."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from clipshot.core.errors import PreconditionError
from clipshot.settings import Settings

FOLDERS = ("clips_dir", "temp_dir", "plugins_dir", "ai_models_dir")
"""Settings that name folders which a start makes."""


class Wrong(NamedTuple):
    """A setting that cannot be, and why; ``reason`` is for programs. ``name`` is empty when none alone is to blame."""

    name: str
    why: str
    reason: str


def wrong_values(error: ValidationError) -> Sequence[Wrong]:
    """What a model refused; never a value, which may be secret."""
    told: list[Wrong] = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(each["loc"][0]) if each["loc"] else ""
        place = "".join(f" {part}" for part in each["loc"][1:] if isinstance(part, int))
        why = each["msg"].removeprefix("Value error, ")
        told.append(Wrong(name, f"entry{place}: {why}" if place else why, "SETTING_NOT_VALID"))
    return told


def wrong_together(settings: Settings) -> Sequence[Wrong]:
    """What a server must not run with, though each value has its form."""
    try:
        settings.check_servable()
    except PreconditionError as error:
        return [Wrong(error.subject.lower(), f"{error.message}; {error.remedy}", error.reason)]
    return []


def wrong_folders(settings: Settings, names: Collection[str]) -> Sequence[Wrong]:
    """Which of these settings name folders that cannot be written to, nor made."""
    told = ((name, _unusable(getattr(settings, name))) for name in FOLDERS if name in names)
    return [Wrong(name, why, "FOLDER_UNUSABLE") for name, why in told if why]


def _unusable(folder: Path) -> str:
    """Why a folder cannot be written to, nor made; empty when it can."""
    try:
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not there.is_dir():
            return f"{there} is no folder"
        if not os.access(there, os.W_OK | os.X_OK):
            return f"{there} cannot be written to"
    except OSError as error:  # a name that is too long, a disk that does not answer
        return f"{folder}: {error.strerror}"
    return ""
