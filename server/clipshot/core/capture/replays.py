"""Saving the last moments as clips."""

import asyncio
from datetime import timedelta

from clipshot.core.capture.active_session import ActiveSession, SavedRange
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.clip_maker import ClipMaker, ClipSpec
from clipshot.core.capture.footage import PinnedMoment, ReplayFacts
from clipshot.core.capture.requests import CURRENT, SaveRequest
from clipshot.core.clips.clip import ClipOrigin
from clipshot.core.clock import Clock
from clipshot.core.errors import PreconditionError
from clipshot.core.events.payloads import ReplayFailed, ReplayPinned, ReplaySaved
from clipshot.core.idempotency import Claim, IdempotencyKeeper, RequestKey
from clipshot.core.ids import new_id
from clipshot.core.operations.operation import Operation, SavedClip
from clipshot.core.operations.service import OperationService
from clipshot.core.operations.work import Completion, FailureHook, Progress, Work
from clipshot.core.store import Store, Transaction

SAVE_REPLAY = "save_replay"
PINNED = "pinned"

SAVES_AT_ONCE = 2
"""More would only fight over the processor; the others wait, with their moments pinned."""


class Replays:
    """Pins the moment at the call, then writes the file as an operation."""

    def __init__(
        self,
        store: Store,
        sessions: ActiveSessions,
        operations: OperationService,
        maker: ClipMaker,
        keeper: IdempotencyKeeper,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._operations = operations
        self._maker = maker
        self._keeper = keeper
        self._clock = clock
        self._slots = asyncio.Semaphore(SAVES_AT_ONCE)

    async def save(self, request: SaveRequest, key: RequestKey | None) -> Operation:
        """Save the last moments. Waits for the file unless told not to; the moment is that of the call in any case.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, REPLAY_OFF, REPLAY_EMPTY.
            ResourceExhaustedError: NO_SPACE.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                operation = await self._operations.get(claim.answer.removeprefix("operations/"))
            else:
                operation = await self._begin(request, key, claim)
        if request.no_wait or operation.state.ended:
            return operation
        return await self._operations.wait(operation.operation_id)

    async def _begin(self, request: SaveRequest, key: RequestKey | None, claim: Claim) -> Operation:
        session = self._sessions.find(request.session_id) or await self._sessions.running(request.session_id)
        if session.buffer_length is None:
            raise _replay_off(request.session_id, session)
        facts = self._facts(request, session, key)
        moment = await session.live.pin(facts, request.duration)
        begun = False

        def committed() -> None:
            nonlocal begun
            begun = True

        try:
            pinned = SavedRange(moment.start, moment.end)
            before, session.last_saved = session.last_saved, pinned
            work = self._work(moment, pinned, before)
            async with self._store.write() as tx:
                operation = await self._operations.start(
                    SAVE_REPLAY,
                    session.resource,
                    work,
                    tx=tx,
                    on_failure=self._failure(moment),
                    operation_id=facts.operation_id,
                    stage=PINNED,
                )
                payload = ReplayPinned(session.session_id, operation.operation_id, moment.start, moment.end)
                tx.emit(payload, session.resource)
                await claim.remember(tx, f"operations/{operation.operation_id}")
                tx.on_commit(committed)
        finally:
            if not begun:
                self._maker.discard_later(moment)
        return operation

    def _facts(self, request: SaveRequest, session: ActiveSession, key: RequestKey | None) -> ReplayFacts:
        now = self._clock()
        footage = session.facts(request.title, now)
        spec = ClipSpec(ClipOrigin.REPLAY, request.title, footage.source_title, now, request.start)
        return ReplayFacts(
            footage=footage,
            plan=self._maker.plan(spec),
            operation_id=new_id("op"),
            tags=request.tags,
            start_rule=request.start,
            asked_time=now,
            request_id=key.request_id if key else "",
            method=key.method if key else "",
            fingerprint=key.fingerprint if key else "",
        )

    def _work(self, moment: PinnedMoment, pinned: SavedRange, before: SavedRange | None) -> Work:
        async def work(progress: Progress) -> Completion:
            await progress.report(0.0, PINNED)
            async with self._slots:
                made = await self._maker.make(moment, replay_spec(moment.replay), progress)
            pinned.start, pinned.end = made.file.start, made.file.end
            overlap = before.overlap(pinned.start, pinned.end) if before else timedelta()

            async def also(tx: Transaction, saved: SavedClip) -> None:
                await tell_saved(tx, moment.replay, saved)
                tx.on_commit(pinned.mark_written)

            return self._maker.completion(made, also, overlap)

        return work

    def _failure(self, moment: PinnedMoment) -> FailureHook:
        async def failed(tx: Transaction, operation: Operation) -> None:
            tell_failed(tx, operation)
            tx.on_commit(lambda: self._maker.discard_later(moment))

        return failed


def replay_spec(replay: ReplayFacts) -> ClipSpec:
    """The clip that a replay was asked to become."""
    return ClipSpec(
        origin=ClipOrigin.REPLAY,
        title=replay.footage.title,
        source_title=replay.footage.source_title,
        time=replay.asked_time,
        rule=replay.start_rule,
        tags=replay.tags,
    )


async def tell_saved(tx: Transaction, replay: ReplayFacts, saved: SavedClip) -> None:
    """Tell that a replay is a clip now."""
    session_id = replay.footage.session_id
    tx.emit(ReplaySaved(session_id, replay.operation_id, saved), f"sessions/{session_id}")


def tell_failed(tx: Transaction, operation: Operation) -> None:
    """Tell that a replay could not be saved, or was given up."""
    assert operation.error is not None
    session_id = operation.resource.removeprefix("sessions/")
    tx.emit(ReplayFailed(session_id, operation.operation_id, operation.error), operation.resource)


def _replay_off(session_id: str, session: ActiveSession) -> PreconditionError:
    return PreconditionError(
        "REPLAY_OFF",
        f"session {session.session_id!r} keeps no replay buffer" if session_id != CURRENT else "nothing is buffered",
        subject=session.resource,
        remedy="start the replay buffer first",
        metadata={"session_id": session.session_id},
    )
