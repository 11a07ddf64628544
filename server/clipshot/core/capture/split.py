"""Splitting a recording: it goes on in a new file, and what was recorded becomes a clip."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import structlog

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.endings import Endings
from clipshot.core.capture.pause import recording_of
from clipshot.core.capture.requests import SplitRequest
from clipshot.core.capture.stop import StoppedSession
from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, PreconditionError
from clipshot.core.events.payloads import SessionSplit
from clipshot.core.idempotency import Claim, IdempotencyKeeper, RequestKey
from clipshot.core.store import Store

LOOK_SECONDS = 0.25
"""Time between two looks at how long and how large recordings with a rule are."""

_log = structlog.get_logger(__name__)


class Splitter:
    """Splits recordings when it is asked to, and when their own rules say so."""

    def __init__(
        self, store: Store, sessions: ActiveSessions, endings: Endings, keeper: IdempotencyKeeper, clock: Clock
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._endings = endings
        self._keeper = keeper
        self._clock = clock
        self._watch: asyncio.Task[None] | None = None

    async def split(self, request: SplitRequest, key: RequestKey | None) -> StoppedSession:
        """Go on in a new file. No picture is lost, and none is in both.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, NOT_RECORDING, RECORDING_PAUSED.
            ResourceExhaustedError: NO_SPACE.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                resource, _, operation = claim.answer.partition(" ")
                view = await self._sessions.view(resource.removeprefix("sessions/"))
                return StoppedSession(view, operation.removeprefix("operations/"))
            session = await self._sessions.running(request.session_id)
            async with self._sessions.turn(session.source.source_id):
                operation_id = await self._split(session, request.title, claim)
            return StoppedSession(session.view(), operation_id)

    def start(self) -> None:
        """Begin to look at rules."""
        self._watch = asyncio.create_task(self._look_for_ever(), name="split-rules")

    async def stop(self) -> None:
        """Stop looking."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    async def _split(self, session: ActiveSession, title: str, claim: Claim) -> str:
        """Split under the source's turn; the id of the operation that makes a clip of what was recorded."""
        recording = recording_of(session)
        if recording.paused:
            raise PreconditionError(
                "RECORDING_PAUSED",
                f"the recording of session {session.session_id!r} is paused",
                subject=session.resource,
                remedy="resume the recording first",
                metadata={"session_id": session.session_id},
            )
        facts = recording.next_facts(session.facts("", self._clock()), title)
        file = await session.live.split_recording(facts)
        session.recording = replace(recording, file=file, part=recording.part + 1, title=title or recording.title)
        session.stored = session.view()
        async with self._store.write() as tx:
            operation = await self._endings.finish(session, recording.file, tx)
            await tx.sessions.put(session.stored)
            tx.emit(SessionSplit(session.stored, operation.operation_id, recording.part), session.resource)
            await claim.remember(tx, f"{session.resource} operations/{operation.operation_id}")
        session.notify()
        return operation.operation_id

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for session in self._sessions:
                if session.recording is not None and session.recording.split is not None:
                    await self._look(session)

    async def _look(self, session: ActiveSession) -> None:
        try:
            async with self._sessions.turn(session.source.source_id):
                if not session.stored.state.ended and _is_due(session):
                    await self._split(session, "", Claim.of_nobody(self._clock))
        except ClipShotError as error:
            _log.error("split_failed", session_id=session.session_id, reason=error.reason, message=error.message)
        except Exception:
            _log.exception("split_failed", session_id=session.session_id)


def _is_due(session: ActiveSession) -> bool:
    """Whether the part that is written now would grow beyond its rule until the next look."""
    if session.recording is None:
        return False
    progress, rate = session.live.recording_progress(), session.live.stats().bitrate_kbps
    growth = round(rate * 1000 / 8 * 2 * LOOK_SECONDS)
    return session.recording.is_due(progress.duration, progress.size_bytes + growth)
