"""The library of clips."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import PurePath

import structlog

from clipshot.core.clips.changes import apply_changes, check_etag, sealed
from clipshot.core.clips.clip import Clip
from clipshot.core.clips.ports import ClipFiles, ClipPictures
from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, NotFoundError, PreconditionError
from clipshot.core.events.payloads import ClipDamaged, ClipDeleted, ClipRestored, ClipTrashed, ClipUpdated
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.page_tokens import PageTokens
from clipshot.core.paging import Keyset, Page, PageRequest
from clipshot.core.store import ClipFilter, ClipOrder, Store

TRASH_TIME = timedelta(days=30)
"""How long a deleted clip can be taken back."""

SWEEP_SECONDS = 3600.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MediaFile:
    """Where bytes of a clip are; ``etag`` changes with them."""

    path: str
    content_type: str
    etag: str
    file_name: str


@dataclass(frozen=True)
class Purge:
    """What was, or would be, deleted for good."""

    clip_ids: tuple[str, ...]
    freed_bytes: int


class ClipService:
    """Finds, changes and deletes clips."""

    def __init__(
        self,
        store: Store,
        files: ClipFiles,
        pictures: ClipPictures,
        tokens: PageTokens,
        keeper: IdempotencyKeeper,
        clock: Clock,
    ) -> None:
        self._store = store
        self._files = files
        self._pictures = pictures
        self._tokens = tokens
        self._keeper = keeper
        self._clock = clock
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to empty the trash of what has been in it for long enough."""
        self._sweeper = asyncio.create_task(self._sweep(), name="clips-sweep")

    async def stop(self) -> None:
        """Stop it."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper

    async def get(self, clip_id: str) -> Clip:
        """One clip, trashed or not. That its file is gone, or is back, is noticed here.

        Raises:
            NotFoundError: CLIP_NOT_FOUND.
        """
        clip = await self._stored(clip_id)
        gone = await self._files.facts(clip.path) is None
        if gone and not clip.damaged:
            return await self._set_damaged(clip_id, True, "its file is gone")
        if clip.damaged and not gone and await self._readable(clip):
            return await self._set_damaged(clip_id, False, "")
        return clip

    async def list(self, where: ClipFilter, order: ClipOrder, request: PageRequest) -> Page[Clip]:
        """Clips that meet the filter, in order.

        Raises:
            InvalidArgumentError: the page token is not of this list.
        """

        async def fetch(after: Keyset | None, limit: int) -> Sequence[Clip]:
            async with self._store.read() as reader:
                return await reader.clips.page(where, order, after, limit)

        return await self._tokens.page(
            request, (where, order), fetch, lambda clip: Keyset.at(getattr(clip, order.field), clip.clip_id)
        )

    async def update(self, clip_id: str, wanted: Clip, fields: Sequence[str]) -> Clip:
        """Change the named fields to those of ``wanted``, if its etag is '' or that of the clip.

        Raises:
            NotFoundError: CLIP_NOT_FOUND.
            ConflictError: ETAG_MISMATCH.
            InvalidArgumentError: FIELD_NOT_UPDATABLE, UPDATE_MASK_EMPTY or CLIP_NOT_VALID.
            PreconditionError: CLIP_TRASHED.
        """
        async with self._store.write() as tx:
            clip = _present(await tx.clips.get(clip_id), clip_id)
            check_etag(clip, wanted.etag)
            changed, names = apply_changes(clip, wanted, fields, self._clock())
            if clip.expire_time is not None:
                raise _trashed(clip)
            if names:
                await tx.clips.put(changed)
                tx.emit(ClipUpdated(changed, names), f"clips/{clip_id}")
        return changed

    async def delete(self, clip_id: str, etag: str) -> None:
        """Move a clip to the trash.

        Raises:
            NotFoundError: CLIP_NOT_FOUND.
            ConflictError: ETAG_MISMATCH.
            PreconditionError: CLIP_TRASHED.
        """
        async with self._store.write() as tx:
            clip = _present(await tx.clips.get(clip_id), clip_id)
            check_etag(clip, etag)
            if clip.expire_time is not None:
                raise _trashed(clip)
            now = self._clock()
            trashed = sealed(replace(clip, expire_time=now + TRASH_TIME, update_time=now))
            await tx.clips.put(trashed)
            tx.emit(ClipTrashed(trashed), f"clips/{clip_id}")

    async def undelete(self, clip_id: str) -> Clip:
        """Take a clip out of the trash.

        Raises:
            NotFoundError: CLIP_NOT_FOUND.
            PreconditionError: CLIP_NOT_TRASHED.
        """
        async with self._store.write() as tx:
            clip = _present(await tx.clips.get(clip_id), clip_id)
            if clip.expire_time is None:
                raise _not_trashed(clip)
            restored = sealed(replace(clip, expire_time=None, update_time=self._clock()))
            await tx.clips.put(restored)
            tx.emit(ClipRestored(restored), f"clips/{clip_id}")
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

    async def media(self, clip_id: str) -> MediaFile:
        """The clip's file.

        Raises:
            NotFoundError: CLIP_NOT_FOUND, or MEDIA_NOT_FOUND where the file is gone.
        """
        clip = await self.get(clip_id)
        facts = await self._files.facts(clip.path)
        if facts is None:
            raise NotFoundError("media", clip_id)
        return MediaFile(clip.path, "video/mp4", facts.etag, PurePath(clip.path).name)

    async def thumbnail(self, clip_id: str) -> MediaFile:
        """A JPEG of the clip's first picture, made when there is none yet.

        Raises:
            NotFoundError: CLIP_NOT_FOUND, or THUMBNAIL_NOT_FOUND where there is no file to make it of.
            PreconditionError: CLIP_DAMAGED.
            UnavailableError: the worker died or took too long.
        """
        clip = await self.get(clip_id)
        try:
            path = await self._pictures.thumbnail(clip)
        except PreconditionError as error:
            if await self._files.facts(clip.path) is None:
                raise NotFoundError("thumbnail", clip_id) from error
            if not clip.damaged:
                await self._set_damaged(clip_id, True, error.message)
            raise
        facts = await self._files.facts(path)
        if facts is None:
            raise NotFoundError("thumbnail", clip_id)
        return MediaFile(path, "image/jpeg", facts.etag, f"{PurePath(clip.path).stem}.jpg")

    async def _stored(self, clip_id: str) -> Clip:
        async with self._store.read() as reader:
            return _present(await reader.clips.get(clip_id), clip_id)

    async def _readable(self, clip: Clip) -> bool:
        try:
            await self._pictures.probe(clip.path)
        except ClipShotError:
            return False
        return True

    async def _set_damaged(self, clip_id: str, damaged: bool, detail: str) -> Clip:
        async with self._store.write() as tx:
            clip = _present(await tx.clips.get(clip_id), clip_id)
            if clip.damaged == damaged:
                return clip
            changed = sealed(replace(clip, damaged=damaged, update_time=self._clock()))
            await tx.clips.put(changed)
            if damaged:
                tx.emit(ClipDamaged(clip_id, detail), f"clips/{clip_id}")
            else:
                tx.emit(ClipUpdated(changed, ("state",)), f"clips/{clip_id}")
        return changed

    async def _choose(self, clip_ids: Sequence[str]) -> Sequence[Clip]:
        async with self._store.read() as reader:
            if not clip_ids:
                return await reader.clips.trashed()
            chosen = [_present(await reader.clips.get(clip_id), clip_id) for clip_id in clip_ids]
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


def _present(clip: Clip | None, clip_id: str) -> Clip:
    if clip is None:
        raise NotFoundError("clip", clip_id)
    return clip


def _trashed(clip: Clip) -> PreconditionError:
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
