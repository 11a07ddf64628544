"""Pictures of clips, made by workers."""

import asyncio
from datetime import timedelta
from pathlib import Path

import structlog

from clipshot.core.clips.clip import Clip, ClipAudio
from clipshot.core.clips.ports import ProbedFile
from clipshot.core.errors import ClipShotError
from clipshot.media.worker_pool import WorkerPool

THUMBNAIL_SECONDS = 20.0
PROBE_SECONDS = 120.0
"""Hours of footage are read in seconds; a slow disk may take longer."""

log = structlog.get_logger(__name__)


class WorkerPictures:
    """Thumbnails, kept in a folder under their clips' ids, and probes."""

    def __init__(self, pool: WorkerPool, folder: Path) -> None:
        self._pool = pool
        self._folder = folder
        self._making: dict[str, asyncio.Task[str]] = {}

    async def thumbnail(self, clip: Clip) -> str:
        """Path of the clip's JPEG; twins in flight wait for the first.

        Raises:
            PreconditionError: CLIP_DAMAGED.
            UnavailableError: the worker died or took too long.
        """
        path = self._path(clip.clip_id)
        if await asyncio.to_thread(path.exists):
            return str(path)
        return await asyncio.shield(self._make(clip))

    def prepare_thumbnail(self, clip: Clip) -> None:
        """Have the JPEG made in the background."""
        self._make(clip).add_done_callback(lambda task: _report(clip.clip_id, task))

    async def forget_thumbnail(self, clip_id: str) -> None:
        """Delete the JPEG, if there is one."""
        await asyncio.to_thread(self._path(clip_id).unlink, missing_ok=True)

    async def probe(self, path: str) -> ProbedFile:
        """Facts of a file.

        Raises:
            PreconditionError: CLIP_DAMAGED.
            UnavailableError: the worker died or took too long.
        """
        facts = await self._pool.run("probe", {"source": path}, seconds=PROBE_SECONDS)
        return ProbedFile(
            codec=facts["codec"],
            width=facts["width"],
            height=facts["height"],
            fps=facts["fps"],
            frames=facts["frames"],
            duration=timedelta(seconds=facts["duration"]),
            audio=tuple(ClipAudio(**track) for track in facts["audio"]),
        )

    async def stop(self) -> None:
        """Give up thumbnails that are being made; they are made again when they are asked for."""
        for task in tuple(self._making.values()):
            task.cancel()
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    def _make(self, clip: Clip) -> asyncio.Task[str]:
        task = self._making.get(clip.clip_id)
        if task is None:
            task = asyncio.create_task(self._write(clip))
            self._making[clip.clip_id] = task
            task.add_done_callback(lambda _: self._making.pop(clip.clip_id, None))
        return task

    async def _write(self, clip: Clip) -> str:
        path = self._path(clip.clip_id)
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        arguments = {"source": clip.path, "target": str(path)}
        await self._pool.run("thumbnail", arguments, seconds=THUMBNAIL_SECONDS)
        return str(path)

    def _path(self, clip_id: str) -> Path:
        return self._folder / f"{clip_id}.jpg"


def _report(clip_id: str, task: asyncio.Task[str]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, ClipShotError):
        log.warning("no thumbnail", clip_id=clip_id, reason=error.reason, detail=error.message)
    elif error is not None:
        log.error("no thumbnail", clip_id=clip_id, exc_info=error)
