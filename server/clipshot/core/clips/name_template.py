"""Templates of file and folder names, such as ``{title} {time}`` or ``{game|date}/{origin}``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from clipshot.core.clips.naming import safe_part

FIELDS = (
    "title",
    "game",
    "source",
    "origin",
    "date",
    "time",
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "session",
    "counter",
)
"""What a template can name. ``source`` is what was captured, ``origin`` where the clip comes from, ``session`` the id
of its session; ``counter`` is the lowest number from 1 that makes the name a new one."""

LONGEST_STEM_BYTES = 128
"""With `` (999)`` and ``.mp4.part``, its end while it is written, it fits the shortest limit in use: 143 bytes."""

LONGEST_TEXT_BYTES = 60
"""Of a field other than the title."""

MOST_FOLDERS = 8

_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class NameTemplate:
    """A template that is known to be valid. ``{a|b}`` is the first of the fields that is not empty."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "NameTemplate":
        """The template.

        Raises:
            ValueError: it names a field that there is not, or a brace has no partner; the text says so.
        """
        for match in _FIELD.finditer(text):
            for name in match[1].split("|"):
                if name not in FIELDS:
                    raise ValueError(f"{{{match[1]}}}: there is no field {name!r}; these are: {', '.join(FIELDS)}")
        if set("{}") & set(_FIELD.sub("", text)):
            raise ValueError("a brace has no partner")
        return cls(text)

    @property
    def counts(self) -> bool:
        """It holds the counter."""
        return "counter" in self._names()

    def render(self, values: Mapping[str, str]) -> str:
        """The text with the fields filled in; not safe yet."""
        return _FIELD.sub(
            lambda match: next(filter(None, (values[name] for name in match[1].split("|"))), ""), self.text
        )

    def _names(self) -> set[str]:
        return {name for match in _FIELD.finditer(self.text) for name in match[1].split("|")}


def parse_name(text: str) -> NameTemplate:
    """A template of file names, without the suffix.

    Raises:
        ValueError: see :meth:`NameTemplate.parse`; or it is empty, or holds a slash.
    """
    if not text.strip():
        raise ValueError("it is empty")
    if "/" in text:
        raise ValueError("it holds a slash; folders belong to CLIP_FOLDER_TEMPLATE")
    return NameTemplate.parse(text)


def parse_folders(text: str) -> NameTemplate:
    """A template of folders below the folder of clips, parted by slashes; empty for none.

    Raises:
        ValueError: see :meth:`NameTemplate.parse`; or it holds the counter, or too many folders.
    """
    template = NameTemplate.parse(text)
    if template.counts:
        raise ValueError("{counter} belongs to CLIP_NAME_TEMPLATE")
    if text.count("/") >= MOST_FOLDERS:
        raise ValueError(f"more than {MOST_FOLDERS} folders in each other")
    return template


def stem_of(template: NameTemplate, values: Mapping[str, str]) -> str:
    """A file name without its suffix, or '': safe, and bounded by making the title shorter where it has to be."""
    short = {name: safe_part(value, LONGEST_TEXT_BYTES) for name, value in values.items()}
    rest = len(safe_part(template.render({**short, "title": ""}), LONGEST_STEM_BYTES).encode())
    short["title"] = safe_part(values["title"], max(LONGEST_STEM_BYTES - rest - 1, 1))
    return safe_part(template.render(short), LONGEST_STEM_BYTES)


def folders_of(template: NameTemplate, values: Mapping[str, str]) -> tuple[str, ...]:
    """Names of folders, each safe: what a field holds is never more than one of them, and empty ones are left out."""
    short = {name: safe_part(value, LONGEST_TEXT_BYTES) for name, value in values.items()}
    parts = (safe_part(part) for part in template.render(short).split("/"))
    return tuple(part for part in parts if part)
