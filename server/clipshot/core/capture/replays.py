"""Saving the last moments as clips."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.clip_maker import ClipMaker, ClipSpec
from clipshot.core.capture.defaults import VideoDefaults
from clipshot.core.capture.encoder import RateControl
from clipshot.core.capture.footage import PinnedMoment, ReplayFacts
from clipshot.core.capture.kept_buffer import KeptBuffer
from clipshot.core.capture.kept_moments import KeptMoments, can_pass
from clipshot.core.capture.post_roll import PostRoll
from clipshot.core.capture.replay_save import SAVE_REPLAY, ReplaySave, replay_spec, tell_failed, tell_saved
from clipshot.core.capture.requests import CURRENT, SaveRequest
from clipshot.core.clips.clip import ClipOrigin
from clipshot.core.clock import Clock
from clipshot.core.errors import PreconditionError
from clipshot.core.events.payloads import ReplayPinned
from clipshot.core.idempotency import Claim, IdempotencyKeeper, RequestKey
from clipshot.core.ids import new_id
from clipshot.core.operations.operation import Operation, SavedClip
from clipshot.core.operations.service import OperationService
from clipshot.core.operations.work import Completion, FailureHook, Progress, Work
from clipshot.core.store import Store, Transaction

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
        self._kept = KeptMoments(operations, maker)

    async def stop(self) -> None:
        """Leave moments that could not be written yet to the next start."""
        await self._kept.stop()

    async def save(self, request: SaveRequest, key: RequestKey | None) -> Operation:
        """Save the last moments. Waits for the file unless told not to; the moment is that of the call in any case.

        With ``post_roll`` the answer is the operation that still runs, since nobody wants to hold a call that long.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, REPLAY_OFF, REPLAY_EMPTY, NOTHING_NEW.
            ResourceExhaustedError: NO_SPACE.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                operation = await self._operations.get(claim.answer.removeprefix("operations/"))
            else:
                operation = await self._begin(request, key, claim)
        if request.no_wait or request.post_roll or operation.state.ended:
            return operation
        return await self._operations.wait(operation.operation_id)

    async def _begin(self, request: SaveRequest, key: RequestKey | None, claim: Claim) -> Operation:
        session = self._sessions.find(request.session_id) or await self._sessions.running(request.session_id)
        buffer = session.buffer
        if buffer is None:
            raise _replay_off(request.session_id, session)
        facts = self._facts(request, session, key)
        roll = _post_roll(request, session, buffer)
        save: ReplaySave | None = None
        begun = False

        def committed() -> None:
            nonlocal begun
            begun = True

        try:
            async with session.saved.turn:
                moment = await _pin(session, facts, request.duration, _since(request, session, buffer))
                if roll is not None:
                    roll.start = moment.start
                save = ReplaySave(session, buffer, moment, self._maker, roll, flush=request.flush)
            async with self._store.write() as tx:
                operation = await self._operations.start(
                    SAVE_REPLAY,
                    session.resource,
                    self._work(save, session),
                    tx=tx,
                    on_failure=self._failure(save),
                    operation_id=facts.operation_id,
                    stage=PINNED,
                )
                payload = ReplayPinned(session.session_id, operation.operation_id, moment.start, moment.end)
                tx.emit(payload, session.resource)
                await claim.remember(tx, f"operations/{operation.operation_id}")
                tx.on_commit(committed)
        finally:
            if not begun:
                if save is not None:
                    save.failed()
                elif roll is not None:
                    buffer.release(roll)
        return operation

    def _facts(self, request: SaveRequest, session: ActiveSession, key: RequestKey | None) -> ReplayFacts:
        now = self._clock()
        footage = session.facts(request.title, now)
        if request.game:
            footage = replace(footage, game=request.game)
        return ReplayFacts(
            footage=footage,
            plan=self._maker.plan(ClipSpec.of(footage, ClipOrigin.REPLAY, now)),
            operation_id=new_id("op"),
            tags=request.tags,
            start_rule=request.start,
            asked_time=now,
            request_id=key.request_id if key else "",
            method=key.method if key else "",
            fingerprint=key.fingerprint if key else "",
        )

    def _work(self, save: ReplaySave, session: ActiveSession) -> Work:
        async def work(progress: Progress) -> Completion:
            await progress.report(0.0, PINNED)
            moment = await save.complete(progress)
            async with self._slots:
                made = await self._maker.make(moment, replay_spec(moment.replay), progress)
            if save.short:
                made = replace(made, file=replace(made.file, fallback_reason=save.short))
            save.range.cover(made.file.start, made.file.end)
            overlap = session.saved.overlap(save.range)

            async def also(tx: Transaction, saved: SavedClip) -> None:
                await tell_saved(tx, moment.replay, saved)
                tx.on_commit(save.succeeded)

            return self._maker.completion(made, also, overlap)

        return work

    def _failure(self, save: ReplaySave) -> FailureHook:
        async def failed(tx: Transaction, operation: Operation) -> None:
            tell_failed(tx, operation)
            tx.on_commit(lambda: self._kept.keep(save.set_free()) if can_pass(operation) else save.failed())

        return failed


def _since(request: SaveRequest, session: ActiveSession, buffer: KeptBuffer) -> timedelta | None:
    """Session time at which a save has to begin exactly; None where its length says it."""
    floor = buffer.floor
    if request.since_last_save:
        return max((at for at in (session.saved.last_end, floor) if at is not None), default=None)
    if floor is None or (request.duration is not None and session.live.now - request.duration >= floor):
        return None
    return floor


async def _pin(
    session: ActiveSession, facts: ReplayFacts, length: timedelta | None, since: timedelta | None
) -> PinnedMoment:
    try:
        return await session.live.pin(facts, length, since)
    except PreconditionError as error:
        if since is None or error.reason != "REPLAY_EMPTY":
            raise
        raise PreconditionError(
            "NOTHING_NEW",
            "nothing was captured since the last save",
            subject=session.resource,
            remedy="wait for the next picture, or save a length of time",
            metadata={"session_id": session.session_id},
        ) from error


def _post_roll(request: SaveRequest, session: ActiveSession, buffer: KeptBuffer) -> PostRoll | None:
    """What is still to come of a save; the buffer holds its beginning from now on."""
    if not request.post_roll:
        return None
    now = session.live.now
    roll = PostRoll(session.live, now - (request.duration or buffer.length), now + request.post_roll)
    buffer.hold(roll, round(_most_bytes_per_second(session) * request.post_roll.total_seconds()))
    return roll


def _most_bytes_per_second(session: ActiveSession) -> float:
    """What the stream may grow by: the cap of its bitrate, and as much again for sound, peaks and headers."""
    rate = session.stored.video.rate_control or RateControl()
    cap = rate.max_bitrate_kbps or rate.bitrate_kbps or VideoDefaults().max_bitrate_kbps
    return 2 * cap * 1000 / 8


def _replay_off(session_id: str, session: ActiveSession) -> PreconditionError:
    return PreconditionError(
        "REPLAY_OFF",
        f"session {session.session_id!r} keeps no replay buffer" if session_id != CURRENT else "nothing is buffered",
        subject=session.resource,
        remedy="start the replay buffer first",
        metadata={"session_id": session.session_id},
    )
