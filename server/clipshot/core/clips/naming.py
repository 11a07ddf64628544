"""Names of clips: titles for people, and file names that are safe, readable and sorted by time.

A clip's file is ``YYYY-MM-DD/<name> HH-MM-SS.mp4`` below the clips folder, in local time; where that is taken a number
is added. A file is never written over.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime

FALLBACK_NAME = "Clip"
LONGEST_NAME_BYTES = 120
"""Leaves room for time, number and suffix within the 255 bytes of a file name, also on encrypted file systems (143)."""

SUFFIX = ".mp4"
_FORBIDDEN = frozenset('/\\:*?"<>|')


def default_title(source_title: str, time: datetime) -> str:
    """Title of a clip that was given none: what was shown and when, in ``time``'s own zone."""
    return f"{source_title or FALLBACK_NAME} {time:%Y-%m-%d %H:%M:%S}"


def safe_name(text: str) -> str:
    """The text as a file name for any system: no separators, no controls, no dot or dash in front, not too long."""
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(" " if _unsafe(character) else character for character in normal)
    name = " ".join(kept.split()).lstrip(".- ").rstrip(". ")
    short = name.encode()[:LONGEST_NAME_BYTES].decode(errors="ignore").rstrip(". ")
    return short or FALLBACK_NAME


def file_names(name: str, time: datetime) -> Iterator[str]:
    """Paths relative to the clips folder, in the order in which they are to be tried; without end."""
    stem = f"{time:%Y-%m-%d}/{safe_name(name)} {time:%H-%M-%S}"
    yield stem + SUFFIX
    number = 2
    while True:
        yield f"{stem} ({number}){SUFFIX}"
        number += 1


def _unsafe(character: str) -> bool:
    """Separators and marks, and everything that is not printed: controls, formats, surrogates, private use."""
    return character in _FORBIDDEN or unicodedata.category(character).startswith(("C", "Z")) or character == "\ufffd"
