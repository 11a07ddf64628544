"""What the library needs of the disk and of the workers."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from clipshot.core.clips.clip import Clip, ClipAudio


@dataclass(frozen=True)
class FileFacts:
    """A file as it lies on the disk; ``etag`` changes with its bytes."""

    size_bytes: int
    etag: str


@dataclass(frozen=True)
class ProbedFile:
    """What decoding a file showed. Sizes in pixels, ``duration`` of the pictures."""

    codec: str
    width: int
    height: int
    fps: float
    frames: int
    duration: timedelta
    audio: tuple[ClipAudio, ...] = ()


class ClipFiles(Protocol):
    """The folder of clips. Paths are absolute."""

    def reserve(self, candidates: Iterable[str]) -> AbstractAsyncContextManager[str]:
        """The first of the paths, relative to the folder, where nothing is; its folder is made.

        Nobody else gets it meanwhile.
        """

    async def facts(self, path: str) -> FileFacts | None:
        """Facts of a clip's file, None when it is gone."""

    async def missing(self, paths: Sequence[str]) -> frozenset[str]:
        """Those of the files that are gone."""

    async def write(self, path: str, data: bytes) -> None:
        """Write a new file at a path that was reserved, and have it on the disk.

        Raises:
            ResourceExhaustedError: NO_SPACE.
            UnavailableError: FILE_UNUSABLE.
        """

    async def remove(self, path: str) -> int:
        """Delete a clip's file; bytes freed, 0 when it was gone. A path outside the folder is refused."""

    async def same_bytes(self, one: str, other: str) -> bool:
        """Both files exist and hold the same."""

    async def free_bytes(self) -> int:
        """Bytes that can still be written to the folder's file system."""

    @property
    def root(self) -> str:
        """The folder."""


class ClipPictures(Protocol):
    """Work on the pictures of finished files, done in workers."""

    async def thumbnail(self, clip: Clip) -> str:
        """Path of the clip's JPEG, made when it is not there yet.

        Raises:
            PreconditionError: CLIP_DAMAGED, the file cannot be decoded.
        """

    def prepare_thumbnail(self, clip: Clip) -> None:
        """Have the JPEG made in the background; a failure is only logged."""

    async def forget_thumbnail(self, clip_id: str) -> None:
        """Delete the JPEG, if there is one."""

    async def probe(self, path: str) -> ProbedFile:
        """Facts of a file, read from its packets.

        Raises:
            PreconditionError: CLIP_DAMAGED, the file cannot be read.
        """
