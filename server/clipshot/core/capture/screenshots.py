"""Taking screenshots."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.ports import CaptureEngine
from clipshot.core.capture.requests import CURRENT
from clipshot.core.capture.screenshot import DEFAULT_QUALITY, ImageFormat, Screenshot, ScreenshotRequest
from clipshot.core.capture.source import Source
from clipshot.core.clips.naming import safe_name
from clipshot.core.clips.ports import ClipFiles
from clipshot.core.clock import Clock
from clipshot.core.events.payloads import ScreenshotTaken
from clipshot.core.idempotency import Claim, IdempotencyKeeper, RequestKey
from clipshot.core.store import Store

FOLDER = "screenshots"
"""Folder of screenshots in that of the clips."""


@dataclass(frozen=True)
class _Target:
    source: Source
    session: ActiveSession | None = None

    @property
    def session_id(self) -> str:
        return self.session.session_id if self.session else ""


class Screenshots:
    """Pictures of sources, and of sessions without disturbing them."""

    def __init__(
        self,
        store: Store,
        engine: CaptureEngine,
        sessions: ActiveSessions,
        find_source: Callable[[str], Awaitable[Source]],
        files: ClipFiles,
        keeper: IdempotencyKeeper,
        clock: Clock,
    ) -> None:
        self._store = store
        self._engine = engine
        self._sessions = sessions
        self._find_source = find_source
        self._files = files
        self._keeper = keeper
        self._clock = clock

    async def take(self, request: ScreenshotRequest, key: RequestKey | None) -> Screenshot:
        """Take one; a call that is repeated gets the file of the first, or else a new picture.

        Raises:
            InvalidArgumentError: SOURCE_ID_INVALID, REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND, SOURCE_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, REPLAY_EMPTY (no picture yet), DISPLAY_UNAVAILABLE,
                NO_SOURCE.
            ResourceExhaustedError: NO_SPACE.
            UnavailableError: CLIPS_DIR_UNUSABLE, FILE_UNUSABLE.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return _from_answer(claim.answer)
            target = await self._target(request)
            picture = await self._picture(request, target)
            if not request.save:
                await self._tell(target, replace(picture, data=b""))
                return picture
            return await self._save(target, picture, claim)

    async def _target(self, request: ScreenshotRequest) -> _Target:
        if request.session_id:
            session = await self._sessions.running(request.session_id)
            return _Target(session.source, session)
        running = None if request.source_id else self._sessions.find(CURRENT)
        if running is not None:
            return _Target(running.source, running)
        return _Target(await self._find_source(request.source_id))

    async def _picture(self, request: ScreenshotRequest, target: _Target) -> Screenshot:
        quality = request.quality or DEFAULT_QUALITY
        if target.session is not None:
            return await target.session.live.screenshot(request.format, quality, request.max_width)
        return await self._engine.screenshot(
            target.source, request.format, quality, request.max_width, draw_cursor=request.draw_cursor
        )

    async def _save(self, target: _Target, picture: Screenshot, claim: Claim) -> Screenshot:
        names = file_names(target.source.title, self._clock().astimezone(), picture.format)
        async with self._files.reserve(names) as path:
            await self._files.write(path, picture.data)
            saved = replace(picture, path=path, data=b"")
            await self._tell(target, saved, claim)
        return saved

    async def _tell(self, target: _Target, picture: Screenshot, claim: Claim | None = None) -> None:
        resource = target.session.resource if target.session else f"sources/{target.source.source_id}"
        async with self._store.write() as tx:
            tx.emit(ScreenshotTaken(target.session_id, target.source.source_id, picture), resource)
            if claim is not None:
                await claim.remember(tx, _to_answer(picture))


def file_names(title: str, time: datetime, kind: ImageFormat) -> Iterator[str]:
    """Paths relative to the clips folder, in the order in which they are to be tried; without end."""
    stem = f"{FOLDER}/{safe_name(title)} {time:%Y-%m-%d %H-%M-%S}"
    yield stem + kind.suffix
    for number in count(2):
        yield f"{stem} ({number}){kind.suffix}"


def _to_answer(picture: Screenshot) -> str:
    facts = asdict(picture)
    del facts["data"]
    return json.dumps(facts)


def _from_answer(answer: str) -> Screenshot:
    facts = json.loads(answer)
    return Screenshot(**{**facts, "format": ImageFormat(facts["format"])})
