"""The trash: clips that were deleted, until they are deleted for good."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import structlog

from clipshot.core.clips.changes import check_etag, present, sealed
from clipshot.core.clips.clip import Clip
from clipshot.core.clips.ports import ClipFiles, ClipPictures
from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, PreconditionError
from clipshot.core.events.payloads import ClipDeleted, ClipRestored, ClipTrashed
from clipshot.core.idempotency import Claim, IdempotencyKeeper, RequestKey
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
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: CLIP_NOT_FOUND.
            PreconditionError: CLIP_NOT_TRASHED, CLIP_OUTSIDE_FOLDER.
            InternalError: CLIP_NOT_DELETED; clips deleted before stay deleted, and the call repeated goes on with the
                others.
        """
        async with self._keeper.once(key) as claim:
            purge, left = Purge((), 0), clip_ids
            if claim.answer is not None:
                answer = json.loads(claim.answer)
                purge, left = Purge(tuple(answer["clip_ids"]), answer["freed_bytes"]), answer["left"]
                if not left:
                    return purge
            chosen = await self._choose(left, begun=claim.answer is not None)
            if validate_only:
                return await self._measured(chosen)
            return await self._delete(purge, chosen, claim)

    async def _measured(self, chosen: Sequence[Clip]) -> Purge:
        facts = [await self._files.facts(clip.path) for clip in chosen]
        return Purge(tuple(clip.clip_id for clip in chosen), sum(file.size_bytes for file in facts if file))

    async def _delete(self, done: Purge, chosen: Sequence[Clip], claim: Claim) -> Purge:
        """Add ``chosen`` to what is ``done``; what was deleted and what is left are written at once, whatever fails.

        A crash before that leaves trashed clips without files, which the call repeated, or the sweep, deletes.
        """
        freed: dict[str, int] = {}
        try:
            for clip in chosen:
                freed[clip.clip_id] = await self._remove_files(clip)
        finally:
            purge = Purge((*done.clip_ids, *freed), done.freed_bytes + sum(freed.values()))
            left = [clip.clip_id for clip in chosen if clip.clip_id not in freed]
            async with self._store.write() as tx:
                for clip_id, size in freed.items():
                    await tx.clips.remove(clip_id)
                    tx.emit(ClipDeleted(clip_id, size), f"clips/{clip_id}")
                if freed or not left:
                    await claim.remember(tx, json.dumps({**asdict(purge), "left": left}))
        return purge

    async def _choose(self, clip_ids: Sequence[str], *, begun: bool) -> Sequence[Clip]:
        """The clips of the ids. What a call that was ``begun`` had left may be gone by the sweep meanwhile."""
        async with self._store.read() as reader:
            if not clip_ids:
                return await reader.clips.trashed()
            found = [(clip_id, await reader.clips.get(clip_id)) for clip_id in clip_ids]
        chosen = [present(clip, clip_id) for clip_id, clip in found if clip is not None or not begun]
        for clip in chosen:
            if clip.expire_time is None:
                raise _not_trashed(clip)
        return chosen

    async def _remove_files(self, clip: Clip) -> int:
        freed = await self._files.remove(clip.path)
        await self._pictures.forget_thumbnail(clip.clip_id)
        return freed

    async def _sweep(self) -> None:
        while True:
            try:
                async with self._store.read() as reader:
                    expired = await reader.clips.trashed(self._clock())
            except ClipShotError as error:
                _log.warning("trash_not_read", reason=error.reason, detail=error.message)
                expired = ()
            for clip in expired:
                try:
                    await self._delete(Purge((), 0), (clip,), Claim.of_nobody(self._clock))
                except ClipShotError as error:  # the others are not to wait for this one
                    _log.warning("clip_not_deleted", clip_id=clip.clip_id, reason=error.reason, detail=error.message)
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
