"""The settings file on the disk, and the copy of it that last worked."""

import os
import stat
import tempfile
from pathlib import Path

from clipshot.config.document import SettingsDocument
from clipshot.core.errors import UnavailableError

GOOD_SUFFIX = ".good"
"""What the copy that last worked is called, behind the file's own name."""

OWNER_ONLY = 0o600

Stamp = tuple[int, int, int] | None
"""What changes with a file: inode, size, time of its last change in nanoseconds; None where there is none."""


class SettingsFile:
    """Reads and replaces the settings file. A reader sees the old text or the new one, never a part."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.good_path = path.with_name(path.name + GOOD_SUFFIX)

    def stamp(self) -> Stamp:
        """Whether it is the file of before can be told by this."""
        try:
            facts = self.path.stat()
        except OSError:
            return None
        return facts.st_ino, facts.st_size, facts.st_mtime_ns

    def read(self) -> str:
        """The text; empty where there is no file.

        Raises:
            SettingsFileError: it cannot be read.
        """
        return _read(self.path) or ""

    def read_good(self) -> str | None:
        """The text that last worked; None where none is known.

        Raises:
            SettingsFileError: it cannot be read.
        """
        return _read(self.good_path)

    def write(self, text: str) -> None:
        """Replace the text. Where the file is a link, what it points to is replaced.

        Raises:
            UnavailableError: SETTINGS_FILE_UNWRITABLE.
        """
        try:
            _replace(Path(os.path.realpath(self.path)), text)
        except OSError as error:
            raise UnavailableError(
                "SETTINGS_FILE_UNWRITABLE",
                f"{self.path} cannot be written: {error.strerror}",
                remedy="make its folder writable, or set the values until the next restart only (until_restart)",
                metadata={"path": str(self.path)},
            ) from error

    def keep_good(self, text: str) -> None:
        """Keep the text that works. OSError where that is not possible."""
        if _read(self.good_path) != text:
            _replace(self.good_path, text)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsDocument.unreadable(path, error) from error


def _replace(path: Path, text: str) -> None:
    """Write beside it, sync, rename, sync the folder: a crash leaves the one or the other. Rights stay as they are."""
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else OWNER_ONLY
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
