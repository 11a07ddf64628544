"""Names that people give, as titles and as names of files: safe on every common file system, and readable."""

import unicodedata
from datetime import datetime

FALLBACK_NAME = "Clip"
LONGEST_NAME_BYTES = 120
"""Leaves room for time, number and suffix within the 255 bytes of a file name, also on encrypted file systems (143)."""

_FORBIDDEN = frozenset('/\\:*?"<>|')
_PORTS = (f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789\u00b9\u00b2\u00b3")
_DEVICES = frozenset(("CON", "PRN", "AUX", "NUL", *_PORTS))
"""Names that Windows and its file systems keep for devices, whatever comes after a dot."""


def default_title(source_title: str, time: datetime) -> str:
    """Title of a clip that was given none: what was shown and when, in ``time``'s own zone."""
    return f"{source_title or FALLBACK_NAME} {time:%Y-%m-%d %H:%M:%S}"


def numbered_title(title: str, part: int) -> str:
    """Title of a part of a recording; the first has no number."""
    return title if part <= 1 else f"{title}, part {part}"


def safe_part(text: str, longest: int = LONGEST_NAME_BYTES) -> str:
    """The text as a name of at most so many bytes for any system, or ''.

    No separators, no controls, no dot or dash in front, no dot or space at the end, no device.
    """
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(" " if _unsafe(character) else character for character in normal)
    name = " ".join(kept.split()).lstrip(".- ")
    if name.partition(".")[0].rstrip().upper() in _DEVICES:
        name = f"_{name}"
    return name.encode()[:longest].decode(errors="ignore").rstrip(". ")


def safe_name(text: str) -> str:
    """The text as a file name for any system; never empty."""
    return safe_part(text) or FALLBACK_NAME


def _unsafe(character: str) -> bool:
    """Separators and marks, and everything that is not printed: controls, formats, surrogates, private use."""
    return character in _FORBIDDEN or unicodedata.category(character).startswith(("C", "Z")) or character == "\ufffd"
