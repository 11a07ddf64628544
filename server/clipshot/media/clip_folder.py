"""The folder of clips on the disk."""

import asyncio
import errno
import filecmp
import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from clipshot.core.clips.ports import FileFacts
from clipshot.core.errors import InternalError, PreconditionError, ResourceExhaustedError, UnavailableError


class ClipFolder:
    """Files of clips below one root. Every call that may touch the disk runs in a thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._taken: set[Path] = set()
        self._lock = threading.Lock()

    @property
    def root(self) -> str:
        """The folder."""
        return str(self._root)

    @asynccontextmanager
    async def reserve(self, candidates: Iterable[str]) -> AsyncIterator[str]:
        """The first of the paths that is free; nobody else gets it until the context ends, when its file is there."""
        path = await asyncio.to_thread(self._take, candidates)
        try:
            yield str(path)
        finally:
            with self._lock:
                self._taken.discard(path)

    async def facts(self, path: str) -> FileFacts | None:
        """Facts of a clip's file, None when it is gone."""
        return await asyncio.to_thread(_facts, path)

    async def missing(self, paths: Sequence[str]) -> frozenset[str]:
        """Those of the files that are gone."""
        return await asyncio.to_thread(lambda: frozenset(path for path in paths if not os.path.isfile(path)))

    async def write(self, path: str, data: bytes) -> None:
        """Write a new file and have it on the disk; nothing is left of one that cannot be written.

        Raises:
            ResourceExhaustedError: NO_SPACE.
            UnavailableError: FILE_UNUSABLE.
        """
        await asyncio.to_thread(_write, Path(path), data)

    async def remove(self, path: str) -> int:
        """Delete a clip's file, and with the last of a folder that folder.

        Raises:
            PreconditionError: CLIP_OUTSIDE_FOLDER, the file is not below this folder.
            InternalError: CLIP_NOT_DELETED.
        """
        return await asyncio.to_thread(self._remove, Path(path))

    async def same_bytes(self, one: str, other: str) -> bool:
        """Both files exist and hold the same."""
        return await asyncio.to_thread(_same_bytes, one, other)

    async def free_bytes(self) -> int:
        """Bytes that can still be written to the folder's file system."""
        return (await asyncio.to_thread(shutil.disk_usage, self._root)).free

    def _take(self, candidates: Iterable[str]) -> Path:
        try:
            with self._lock:
                path = next(
                    path
                    for path in (self._root / relative for relative in candidates)
                    if path not in self._taken and not os.path.lexists(path)
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                self._taken.add(path)
                return path
        except OSError as error:
            raise UnavailableError(
                "CLIPS_DIR_UNUSABLE",
                f"the clips folder {self._root} cannot be written: {error.strerror}",
                remedy="make the folder writable, or set CLIPSHOT_CLIPS_DIR",
                metadata={"path": str(self._root)},
            ) from error

    def _remove(self, path: Path) -> int:
        if not path.resolve().is_relative_to(self._root.resolve()):
            raise PreconditionError(
                "CLIP_OUTSIDE_FOLDER",
                f"{path} is not below the clips folder {self._root}, so it is not deleted",
                subject=str(path),
                remedy="set CLIPSHOT_CLIPS_DIR back to the folder the clip was made in",
                metadata={"path": str(path)},
            )
        try:
            size = path.lstat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise InternalError(
                "CLIP_NOT_DELETED", f"{path} cannot be deleted: {error.strerror}", metadata={"path": str(path)}
            ) from error
        with suppress(OSError):  # a folder has other clips
            for folder in path.parents:
                if folder == self._root:
                    break
                folder.rmdir()
        return size


def _facts(path: str) -> FileFacts | None:
    try:
        status = os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
            return None
        raise UnavailableError("CLIP_UNREADABLE", f"{path}: {error.strerror}", metadata={"path": path}) from error
    return FileFacts(status.st_size, f"{status.st_mtime_ns:x}-{status.st_size:x}")


def _write(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                path.unlink(missing_ok=True)
                raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ResourceExhaustedError(
                "NO_SPACE",
                f"the disk is full: {path}",
                remedy="delete clips or make room on the disk",
                metadata={"limit": "disk space"},
            ) from error
        raise UnavailableError("FILE_UNUSABLE", f"{path}: {error.strerror}") from error


def _same_bytes(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other) or filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False
