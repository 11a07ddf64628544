"""The library of clips."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from clipshot.core.clips.changes import apply_changes, check_etag, present, sealed
from clipshot.core.clips.clip import Clip
from clipshot.core.clips.ports import ClipFiles, ClipPictures
from clipshot.core.clips.trash import Purge, Trash, clip_trashed
from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, NotFoundError, PreconditionError
from clipshot.core.events.payloads import ClipDamaged, ClipUpdated
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.page_tokens import PageTokens
from clipshot.core.paging import Keyset, Page, PageRequest
from clipshot.core.store import ClipFilter, ClipOrder, Store


@dataclass(frozen=True)
class MediaFile:
    """Where bytes of a clip are; ``etag`` changes with them."""

    path: str
    content_type: str
    etag: str
    file_name: str


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
        self._trash = Trash(store, files, pictures, keeper, clock)
        self._clock = clock

    async def start(self) -> None:
        """Begin to delete what has been in the trash for long enough."""
        self._trash.start()

    async def stop(self) -> None:
        """Stop it."""
        await self._trash.stop()

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

    async def update(self, clip_id: str, wanted: Clip, fields: Sequence[str], key: RequestKey | None = None) -> Clip:
        """Change the named fields to those of ``wanted``, if its etag is '' or that of the clip.

        Raises:
            NotFoundError: CLIP_NOT_FOUND.
            ConflictError: ETAG_MISMATCH.
            InvalidArgumentError: FIELD_NOT_UPDATABLE, UPDATE_MASK_EMPTY, CLIP_NOT_VALID or REQUEST_ID_REUSED.
            PreconditionError: CLIP_TRASHED.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return await self._stored(clip_id)
            async with self._store.write() as tx:
                clip = present(await tx.clips.get(clip_id), clip_id)
                check_etag(clip, wanted.etag)
                changed, names = apply_changes(clip, wanted, fields, self._clock())
                if clip.expire_time is not None:
                    raise clip_trashed(clip)
                if names:
                    await tx.clips.put(changed)
                    tx.emit(ClipUpdated(changed, names), f"clips/{clip_id}")
                await claim.remember(tx, f"clips/{clip_id}")
            return changed

    async def delete(self, clip_id: str, etag: str, key: RequestKey | None = None) -> None:
        """See :meth:`Trash.take`."""
        await self._trash.take(clip_id, etag, key)

    async def undelete(self, clip_id: str, key: RequestKey | None = None) -> Clip:
        """See :meth:`Trash.give_back`."""
        return await self._trash.give_back(clip_id, key)

    async def purge(self, clip_ids: Sequence[str], *, validate_only: bool, key: RequestKey | None) -> Purge:
        """See :meth:`Trash.purge`."""
        return await self._trash.purge(clip_ids, validate_only=validate_only, key=key)

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
            return present(await reader.clips.get(clip_id), clip_id)

    async def _readable(self, clip: Clip) -> bool:
        try:
            await self._pictures.probe(clip.path)
        except ClipShotError:
            return False
        return True

    async def _set_damaged(self, clip_id: str, damaged: bool, detail: str) -> Clip:
        async with self._store.write() as tx:
            clip = present(await tx.clips.get(clip_id), clip_id)
            if clip.damaged == damaged:
                return clip
            changed = sealed(replace(clip, damaged=damaged, update_time=self._clock()))
            await tx.clips.put(changed)
            if damaged:
                tx.emit(ClipDamaged(clip_id, detail), f"clips/{clip_id}")
            else:
                tx.emit(ClipUpdated(changed, ("state",)), f"clips/{clip_id}")
        return changed
