"""Where replay buffers live.

Memory-backed storage when it has twice the room that a buffer may take: an always-on buffer writes 130 GB a day at
12 Mbit/s, which no disk should have to bear. Otherwise the folder for temporary files.
"""

import hashlib
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import structlog

from clipshot.core.capture.replay_buffer import ReplayStorage
from clipshot.core.errors import UnavailableError

ROOM = 2
"""Memory-backed storage must have this many times the bytes of a full buffer, since a save holds what is evicted."""

_MEMORY_FILE_SYSTEMS = frozenset({"tmpfs", "ramfs"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RingPlace:
    """A folder of ours for rings and pins, and what it survives."""

    folder: Path
    storage: ReplayStorage


class RingPlaces:
    """The folders in which a server with this data directory keeps its rings, best first.

    The name holds a digest of the data directory, so that two servers of one user do not meet. In folders that anybody
    can write to (/dev/shm) somebody else may have made it before us, or a link in its place: then it is not used.
    """

    def __init__(self, data_dir: Path, temp_dir: Path, runtime_dir: Path | None, shared_memory: Path) -> None:
        digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:12]
        self._name = f"clipshot-{os.getuid()}-{digest}"
        self._temp_dir = temp_dir
        # A server that was started without XDG_RUNTIME_DIR still finds what one with it has left.
        bases = (runtime_dir, shared_memory, Path(f"/run/user/{os.getuid()}"))
        self._memory = tuple(dict.fromkeys(base for base in bases if base is not None))

    @classmethod
    def of_system(cls, data_dir: Path, temp_dir: Path) -> "RingPlaces":
        """The places of this machine and login."""
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        return cls(data_dir, temp_dir, Path(runtime) if runtime else None, Path("/dev/shm"))  # noqa: S108 (checked)

    def base(self, max_bytes: int) -> Path:
        """Where the folder for a buffer of at most ``max_bytes`` would be made; nothing is."""
        return next((base for base in self._memory if _has_room(base, max_bytes)), self._temp_dir)

    def choose(self, max_bytes: int) -> RingPlace:
        """The folder for a buffer of at most ``max_bytes``, made if need be.

        Raises:
            UnavailableError: RING_PLACE_MISSING, not even the folder for temporary files can be used.
        """
        for base in self._memory:
            if _has_room(base, max_bytes) and _claim(base / self._name):
                return RingPlace(base / self._name, ReplayStorage.MEMORY)
        if _claim(self._temp_dir / self._name):
            storage = ReplayStorage.MEMORY if in_memory(self._temp_dir) else ReplayStorage.DISK
            return RingPlace(self._temp_dir / self._name, storage)
        raise UnavailableError(
            "RING_PLACE_MISSING",
            f"no folder for the replay buffer: {self._temp_dir} cannot be used either",
            remedy="set CLIPSHOT_TEMP_DIR to a folder that the server can write to",
            metadata={"path": str(self._temp_dir)},
        )

    def existing(self) -> tuple[Path, ...]:
        """The folders of ours that are there: where a crash may have left something."""
        folders = [base / self._name for base in (*self._memory, self._temp_dir)]
        return tuple(folder for folder in folders if _is_ours(folder))


def _has_room(base: Path, max_bytes: int) -> bool:
    return in_memory(base) and _free_bytes(base) >= ROOM * max_bytes


def in_memory(folder: Path) -> bool:
    """Whether a folder's file system is backed by memory, by the kernel's table of mounts."""
    where = os.path.realpath(folder)
    best, kind = "", ""
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return False
    for line in lines:
        _, mount, file_system, *_ = line.split(" ")
        point = mount.encode().decode("unicode_escape")
        inside = where == point or where.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, file_system
    return kind in _MEMORY_FILE_SYSTEMS


def _free_bytes(base: Path) -> int:
    try:
        return shutil.disk_usage(base).free
    except OSError:
        return 0


def _claim(folder: Path) -> bool:
    """Make the folder for us alone; False where that cannot be done, or somebody else was there first."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        log.warning("replay buffer cannot live here", folder=str(folder), reason=error.strerror)
        return False
    if not _is_ours(folder):
        log.warning("replay buffer cannot live here", folder=str(folder), reason="not a folder of this user alone")
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _is_ours(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    private = not stat.S_IMODE(status.st_mode) & 0o077
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and private
