"""The trash: clips that were deleted, until they are deleted for good."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from clipshot.core.clips.changes import check_etag, present, sealed
from clipshot.core.clips.clip import Clip
from clipshot.core.clips.ports import ClipFiles, ClipPictures
from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, PreconditionError
from clipshot.core.events.payloads import ClipDeleted, ClipRestored, ClipTrashed
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.store import Store

TRASH_TIME = timedelta(days=30)
"""How long a deleted clip can be taken back."""

SWEEP_SECONDS = 3600.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Purge:
    """What was, or would be, deleted for good."""

    clip_ids: tuple[str, ...]
    freed_bytes: int


class Trash:
    """Takes clips in, gives them back, and deletes them for good."""

    def __init__(
        self, store: Store, files: ClipFiles, pictures: ClipPictures, keeper: IdempotencyKeeper, clock: Clock
    ) -> None:
        self._store = store
        self._files = files
        self._pictures = pictures
        self._keeper = keeper
        self._clock = clock
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to delete what has been in the trash for long enough."""
        self._sweeper = asyncio.create_task(self._sweep(), name="clips-sweep")

    async def stop(self) -> None:
        """Stop it."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper

    async def take(self, clip_id: str, etag: str, key: RequestKey | None = None) -> None:
        """Move a clip to the trash.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: CLIP_NOT_FOUND.
            ConflictError: ETAG_MISMATCH.
            PreconditionError: CLIP_TRASHED.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return
            async with self._store.write() as tx:
                clip = present(await tx.clips.get(clip_id), clip_id)
                check_etag(clip, etag)
                if clip.expire_time is not None:
                    raise clip_trashed(clip)
                now = self._clock()
                trashed = sealed(replace(clip, expire_time=now + TRASH_TIME, update_time=now))
                await tx.clips.put(trashed)
                tx.emit(ClipTrashed(trashed), f"clips/{clip_id}")
                await claim.remember(tx, f"clips/{clip_id}")

    async def give_back(self, clip_id: str, key: RequestKey | None = None) -> Clip:
        """Take a clip out of the trash.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: CLIP_NOT_FOUND.
            PreconditionError: CLIP_NOT_TRASHED.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                async with self._store.read() as reader:
                    return present(await reader.clips.get(clip_id), clip_id)
            async with self._store.write() as tx:
                clip = present(await tx.clips.get(clip_id), clip_id)
                if clip.expire_time is None:
                    raise _not_trashed(clip)
                restored = sealed(replace(clip, expire_time=None, update_time=self._clock()))
                await tx.clips.put(restored)
                tx.emit(ClipRestored(restored), f"clips/{clip_id}")
                await claim.remember(tx, f"clips/{clip_id}")
            return restored

    async def purge(self, clip_ids: Sequence[str], *, validate_only: bool, key: RequestKey | None) -> Purge:
        """Delete trashed clips and their files for good; no ids mean the whole trash.

        Raises:
            NotFoundError: CLIP_NOT_FOUND.
            PreconditionError: CLIP_NOT_TRASHED, CLIP_OUTSIDE_FOLDER.
            InternalError: CLIP_NOT_DELETED; clips deleted before stay deleted.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                answer = json.loads(claim.answer)
                return Purge(tuple(answer["clip_ids"]), answer["freed_bytes"])
            chosen = await self._choose(clip_ids)
            freed = 0
            for clip in chosen:
                if validate_only:
                    facts = await self._files.facts(clip.path)
                    freed += facts.size_bytes if facts else 0
                else:
                    freed += await self._delete_for_good(clip)
            purge = Purge(tuple(clip.clip_id for clip in chosen), freed)
            if key is not None and key.request_id:
                async with self._store.write() as tx:
                    await claim.remember(tx, json.dumps({"clip_ids": purge.clip_ids, "freed_bytes": freed}))
            return purge

    async def _choose(self, clip_ids: Sequence[str]) -> Sequence[Clip]:
        async with self._store.read() as reader:
            if not clip_ids:
                return await reader.clips.trashed()
            chosen = [present(await reader.clips.get(clip_id), clip_id) for clip_id in clip_ids]
        for clip in chosen:
            if clip.expire_time is None:
                raise _not_trashed(clip)
        return chosen

    async def _delete_for_good(self, clip: Clip) -> int:
        """The file first: a crash then leaves a trashed clip without a file, which is deleted the next time."""
        freed = await self._files.remove(clip.path)
        await self._pictures.forget_thumbnail(clip.clip_id)
        async with self._store.write() as tx:
            await tx.clips.remove(clip.clip_id)
            tx.emit(ClipDeleted(clip.clip_id, freed), f"clips/{clip.clip_id}")
        return freed

    async def _sweep(self) -> None:
        while True:
            try:
                async with self._store.read() as reader:
                    expired = await reader.clips.trashed(self._clock())
                for clip in expired:
                    await self._delete_for_good(clip)
            except ClipShotError as error:
                _log.warning("trash_not_emptied", reason=error.reason, detail=error.message)
            await asyncio.sleep(SWEEP_SECONDS)


def clip_trashed(clip: Clip) -> PreconditionError:
    """The error for what cannot be done with a trashed clip."""
    return PreconditionError(
        "CLIP_TRASHED",
        f"clip {clip.clip_id!r} is in the trash",
        subject=f"clips/{clip.clip_id}",
        remedy="undelete it first",
        metadata={"clip_id": clip.clip_id},
    )


def _not_trashed(clip: Clip) -> PreconditionError:
    return PreconditionError(
        "CLIP_NOT_TRASHED",
        f"clip {clip.clip_id!r} is not in the trash",
        subject=f"clips/{clip.clip_id}",
        remedy="delete it first",
        metadata={"clip_id": clip.clip_id},
    )
