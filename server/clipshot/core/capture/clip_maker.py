"""Making clips out of footage."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from clipshot.core.capture.chapters import chapters_of, clip_markers, markers_in
from clipshot.core.capture.footage import ClipPlan, Footage, FootageFacts, RecordedFile, SavedFile, SaveRun
from clipshot.core.capture.marker import Marker
from clipshot.core.clips.changes import sealed
from clipshot.core.clips.clip import Clip, ClipOrigin, ClipVideo
from clipshot.core.clips.clip_names import ClipNames, NamedClip
from clipshot.core.clips.naming import FALLBACK_NAME, default_title, numbered_title
from clipshot.core.clips.ports import ClipFiles, ClipPictures
from clipshot.core.clock import Clock
from clipshot.core.errors import AlreadyExistsError, ClipShotError
from clipshot.core.events.payloads import ClipCreated
from clipshot.core.ids import new_id
from clipshot.core.operations.operation import SavedClip, StartRule
from clipshot.core.operations.work import Completion, Progress
from clipshot.core.paging import Keyset
from clipshot.core.store import Store, Transaction

PROGRESS_SECONDS = 0.1
"""Time between two looks at how far a save is."""

MOST_MARKERS = 1000
"""Of one clip; players grow slow with more chapters."""

NAME_TRIES = 5
"""Names that another program may take between our look and the rename."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ClipSpec:
    """What a clip is to be. ``time`` is the wall clock that names it; ``title`` '' makes one of source and time."""

    origin: ClipOrigin
    title: str
    source_title: str
    game: str
    session_id: str
    time: datetime
    part: int = 1
    rule: StartRule = StartRule.KEYFRAME
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, facts: FootageFacts, origin: ClipOrigin, time: datetime) -> "ClipSpec":
        """A clip of footage, with everything that was begun."""
        return cls(
            origin=origin,
            title=facts.title,
            source_title=facts.source_title,
            game=facts.game,
            session_id=facts.session_id,
            time=time,
            part=facts.part,
        )

    @property
    def shown_title(self) -> str:
        """The title, in local time where it tells the time."""
        return numbered_title(self.title or default_title(self.source_title, self.time.astimezone()), self.part)

    @property
    def named(self) -> NamedClip:
        """What the file is named after."""
        return NamedClip(
            title=numbered_title(self.title or self.source_title or FALLBACK_NAME, self.part),
            source_title=self.source_title,
            game=self.game,
            origin=self.origin,
            session_id=self.session_id,
            time=self.time.astimezone(),
        )


@dataclass(frozen=True)
class MadeClip:
    """A clip whose file is written, and how exactly; not in the library yet."""

    clip: Clip
    file: SavedFile
    footage: Footage


Also = Callable[[Transaction, SavedClip], Awaitable[None]]
"""Writes what belongs to the clip's transaction beside the clip."""


class ClipMaker:
    """Saves footage as a file, and puts the clip into the library in the transaction that ends the operation.

    The footage goes only after that: whenever a crash comes, the next start finds the footage, the clip, or both, and
    knows by the plan that they belong together.
    """

    def __init__(self, store: Store, files: ClipFiles, pictures: ClipPictures, names: ClipNames, clock: Clock) -> None:
        self._store = store
        self._files = files
        self._pictures = pictures
        self._clock = clock
        self._afterwards: set[asyncio.Task[None]] = set()
        self.names = names

    def plan(self, spec: ClipSpec) -> ClipPlan:
        """The clip that will be made unless its name is taken; for footage that must be written down at once."""
        return ClipPlan(new_id("clp"), (f"{self._files.root}/{next(self.names.candidates(spec.named))}",))

    async def make(
        self, footage: Footage, spec: ClipSpec, progress: Progress, *, orphans: Sequence[str] = ()
    ) -> MadeClip:
        """Write the file. ``orphans`` are what crashes may have left of the same footage: whole, but no clip's.

        Raises:
            CancelledOperationError, ResourceExhaustedError, PreconditionError: see :class:`SaveRun`.
            UnavailableError: CLIPS_DIR_UNUSABLE.
        """
        for _ in range(NAME_TRIES):
            with suppress(AlreadyExistsError):
                return await self._make(footage, spec, progress, orphans)
        raise AlreadyExistsError("FILE_EXISTS", f"every name for {spec.shown_title!r} is taken while it is saved")

    async def adopt(
        self, recording: RecordedFile, spec: ClipSpec, reason: str, *, orphans: Sequence[str] = ()
    ) -> MadeClip:
        """Make a clip of a recording's file as it is; it plays all the same.

        For a disk too full for anything else, and for a file that was finished just before a crash. ``reason`` says
        which; ``orphans`` are as in :meth:`make`.

        Raises:
            PreconditionError: CLIP_DAMAGED, the file cannot be read.
            UnavailableError: FILE_UNUSABLE, or no worker can look at it.
        """
        probed = await self._pictures.probe(recording.path)
        facts = recording.facts
        start = facts.began
        markers = await self._markers(recording)
        async with self._files.reserve(self.names.candidates(spec.named)) as path:
            plan = await self._planned(recording, path)
            await recording.adopt(path)
            path = await self._once(path, orphans)
            lying = await self._files.facts(path)
            file = SavedFile(
                path=path,
                start=start,
                end=start + probed.duration,
                frames=probed.frames,
                start_rule=StartRule.KEYFRAME,
                fallback_reason=reason,
                size_bytes=lying.size_bytes if lying else 0,
                width=probed.width,
                height=probed.height,
                audio=probed.audio,
            )
            return MadeClip(self._clip(plan.clip_id, path, recording, file, spec, markers), file, recording)

    def completion(self, made: MadeClip, also: Also, overlap: timedelta = timedelta()) -> Completion:
        """What ends the operation: the clip, its events, and ``also``; then the footage is let go."""
        clip, file = made.clip, made.file
        saved = SavedClip(
            clip_id=clip.clip_id,
            path=clip.path,
            duration=clip.duration,
            size_bytes=clip.size_bytes,
            actual_start=file.start,
            actual_end=made.footage.facts.pauses.end_of(file.start, clip.duration),
            start_rule=file.start_rule,
            frames=file.frames,
            fallback_reason=file.fallback_reason,
            overlap_with_previous=overlap,
        )

        async def write(tx: Transaction) -> None:
            await tx.clips.put(clip)
            tx.emit(ClipCreated(clip), f"clips/{clip.clip_id}")
            await also(tx, saved)
            tx.on_commit(lambda: self._done(made))

        return Completion(saved, write)

    def discard_later(self, footage: Footage) -> None:
        """Let footage go in the background; a failure is only logged, and tried again at the next start."""
        task = asyncio.create_task(_discard(footage))
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)

    async def stop(self) -> None:
        """Wait until all footage that is not needed any more is gone."""
        await asyncio.gather(*self._afterwards)

    async def _make(self, footage: Footage, spec: ClipSpec, progress: Progress, orphans: Sequence[str]) -> MadeClip:
        markers = await self._markers(footage)
        chapters = chapters_of(markers)
        async with self._files.reserve(self.names.candidates(spec.named)) as path:
            plan = await self._planned(footage, path)
            file = await _write(await footage.save(path, spec.rule, spec.shown_title, chapters), progress)
            path = await self._once(path, orphans)
            return MadeClip(self._clip(plan.clip_id, path, footage, file, spec, markers), file, footage)

    async def _markers(self, footage: Footage) -> Sequence[Marker]:
        """Markers that may lie in the file; which of them do is known when it is written."""
        facts, start = footage.facts, await footage.begin()
        async with self._store.read() as reader:
            markers = await reader.markers.page(facts.session_id, Keyset.at(start, ""), MOST_MARKERS)
        return markers_in(markers, start, facts.pauses)

    async def _planned(self, footage: Footage, path: str) -> ClipPlan:
        """The plan beside the footage, this attempt's path included."""
        plan = footage.plan or ClipPlan(new_id("clp"), ())
        if path not in plan.paths:
            plan = replace(plan, paths=(*plan.paths, path))
            await footage.keep_plan(plan)
        return plan

    async def _once(self, path: str, orphans: Sequence[str]) -> str:
        """The one path that stays, of this attempt and of earlier ones that wrote the same."""
        same = [orphan for orphan in orphans if orphan != path and await self._files.same_bytes(path, orphan)]
        if not same:
            return path
        for extra in (path, *same[1:]):
            await self._files.remove(extra)
        return same[0]

    def _clip(
        self,
        clip_id: str,
        path: str,
        footage: Footage,
        file: SavedFile,
        spec: ClipSpec,
        markers: Sequence[Marker],
    ) -> Clip:
        facts, now = footage.facts, self._clock()
        return sealed(
            Clip(
                clip_id=clip_id,
                session_id=facts.session_id,
                origin=spec.origin,
                title=spec.shown_title,
                create_time=now,
                update_time=now,
                start_time=facts.session_start + file.start,
                session_start=file.start,
                duration=file.end - file.start,
                size_bytes=file.size_bytes,
                path=path,
                container="mp4",
                video=ClipVideo(facts.codec, file.width, file.height, float(facts.fps), file.frames),
                etag="",
                tags=spec.tags,
                markers=clip_markers(markers, file.start, file.end - file.start, facts.pauses),
                game=spec.game,
                audio=file.audio,
            )
        )

    def _done(self, made: MadeClip) -> None:
        self.discard_later(made.footage)
        self._pictures.prepare_thumbnail(made.clip)


async def _write(run: SaveRun, progress: Progress) -> SavedFile:
    result = asyncio.ensure_future(run.result())
    try:
        while not result.done():
            await progress.report(run.progress, "writing")
            await asyncio.wait([result], timeout=PROGRESS_SECONDS)
    except asyncio.CancelledError:
        run.cancel()
        with suppress(ClipShotError):
            await result  # so that nothing is left at the path
        raise
    return result.result()


async def _discard(footage: Footage) -> None:
    try:
        await footage.discard()
    except Exception:
        _log.exception("footage_kept", kind=footage.kind, session_id=footage.facts.session_id)
