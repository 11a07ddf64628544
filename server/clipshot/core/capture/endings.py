"""What happens when a recording, a buffer or a session ends, asked for or not."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.clip_maker import ClipMaker, ClipSpec
from clipshot.core.capture.footage import Footage, RecordedFile
from clipshot.core.capture.kept_buffer import KeptBuffer
from clipshot.core.capture.session import SessionState
from clipshot.core.clips.clip import ClipOrigin
from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, PreconditionError, ResourceExhaustedError
from clipshot.core.events.payloads import Payload, SessionFailed, SessionRecovered, SessionStopped, SessionUpdated
from clipshot.core.idempotency import Claim
from clipshot.core.operations.operation import Operation, SavedClip
from clipshot.core.operations.service import OperationService
from clipshot.core.operations.work import Completion, Progress, Work
from clipshot.core.problem import Problem
from clipshot.core.store import Store, Transaction

FINISH_RECORDING = "finish_recording"
RECOVER = "recover"

CUT_SECONDS = 2.5
"""How long the end of a buffer waits for saves that are cut short by it; their beginning is safe anyway."""


@dataclass(frozen=True)
class Ending:
    """What ends. A ``problem`` ends the session as failed, and keeps what it had buffered."""

    recording: bool
    buffer: bool
    discard: bool = False
    problem: Problem | None = None
    tell: tuple[Payload, ...] = ()


class Endings:
    """Ends parts of sessions; a session of which nothing is left ends too."""

    def __init__(
        self, store: Store, sessions: ActiveSessions, operations: OperationService, maker: ClipMaker, clock: Clock
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._operations = operations
        self._maker = maker
        self._clock = clock

    async def end(self, session: ActiveSession, ending: Ending, claim: Claim | None = None) -> Sequence[Operation]:
        """End what is named; the caller holds the source's turn.

        Everything captured before the call is on the disk when this returns. A recording becomes a clip by the
        operation that is returned. ``claim`` remembers the session and the operations, separated by spaces.
        """
        if ending.buffer and session.buffer is not None:
            await _cut_short(session.buffer)
        recording = await self._stop_recording(session) if ending.recording else None
        if ending.buffer and session.buffer is not None and ending.problem is None:
            session.buffer = None
            with suppress(ClipShotError):  # a ring that failed has stopped by itself
                await session.live.stop_buffer()
        buffer = None
        if session.idle or ending.problem is not None:
            buffer = await self._stop_session(session, ending.problem)
        else:
            session.stored = session.view()
        try:
            operations = await self._write(session, ending, recording, buffer, claim)
        finally:
            # Whatever the database says, capture is over; what could not be written is found at the next start.
            if session.stored.state.ended:
                self._sessions.remove(session)
        if recording is not None and ending.discard:
            self._maker.discard_later(recording)
        session.notify()
        return operations

    async def _stop_recording(self, session: ActiveSession) -> RecordedFile | None:
        recording = session.recording
        if recording is not None:
            with suppress(ClipShotError):  # one that failed has stopped by itself; what it wrote is there
                await session.live.stop_recording()
            session.recording = None
        return recording.file if recording is not None else None

    async def _stop_session(self, session: ActiveSession, problem: Problem | None) -> Footage | None:
        """End capture; what was still buffered is returned."""
        session.stored = replace(session.view(), state=SessionState.STOPPING)
        session.notify()
        with suppress(ClipShotError):  # a session that failed may be over already
            await session.live.stop()
        session.buffer = None
        session.stored = replace(
            session.stored,
            state=SessionState.FAILED if problem else SessionState.STOPPED,
            duration=session.live.duration,
            stats=session.live.stats(),
            end_time=self._clock(),
            recording=None,
            error=problem,
        )
        return session.live.take_buffer()

    async def _write(
        self,
        session: ActiveSession,
        ending: Ending,
        recording: RecordedFile | None,
        buffer: Footage | None,
        claim: Claim | None,
    ) -> Sequence[Operation]:
        operations: list[Operation] = []
        async with self._store.write() as tx:
            for payload in ending.tell:
                tx.emit(payload, session.resource)
            await tx.sessions.put(session.stored)
            match session.stored.state:
                case SessionState.STOPPED:
                    tx.emit(SessionStopped(session.stored), session.resource)
                case SessionState.FAILED:
                    tx.emit(SessionFailed(session.stored), session.resource)
                case _:
                    tx.emit(SessionUpdated(session.stored), session.resource)
            if recording is not None and not ending.discard:
                operations.append(await self.finish(session, recording, tx))
            if buffer is not None:
                work = self._recover(buffer)
                operations.append(await self._operations.start(RECOVER, session.resource, work, tx=tx))
            if claim is not None:
                begun = (f"operations/{operation.operation_id}" for operation in operations)
                await claim.remember(tx, " ".join((session.resource, *begun)))
            if session.stored.state.ended:
                tx.on_commit(lambda: self._sessions.remove(session))
        return operations

    async def finish(self, session: ActiveSession, recording: RecordedFile, tx: Transaction) -> Operation:
        """Begin, with a transaction, to make a clip of what was recorded."""
        return await self._operations.start(FINISH_RECORDING, session.resource, self._finish(recording), tx=tx)

    def _finish(self, recording: RecordedFile) -> Work:
        spec = ClipSpec.of(recording.facts, ClipOrigin.RECORDED, recording.facts.start_time)

        async def work(progress: Progress) -> Completion:
            try:
                made = await self._maker.make(recording, spec, progress)
            except (ResourceExhaustedError, PreconditionError) as error:
                made = await self._maker.adopt(recording, spec, error.message)
            return self._maker.completion(made, _nothing_else)

        return work

    def _recover(self, buffer: Footage) -> Work:
        facts = buffer.facts
        spec = ClipSpec.of(facts, ClipOrigin.RECOVERED, self._clock())

        async def told(tx: Transaction, saved: SavedClip) -> None:
            tx.emit(
                SessionRecovered(facts.session_id, saved.clip_id, buffer.kind.value), f"sessions/{facts.session_id}"
            )

        async def work(progress: Progress) -> Completion:
            return self._maker.completion(await self._maker.make(buffer, spec, progress), told)

        return work


async def _cut_short(buffer: KeptBuffer) -> None:
    """Let saves that still go on take what there is; the buffer is not theirs any more after that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CUT_SECONDS):
            await asyncio.gather(*(roll.cut_short() for roll in buffer.post_rolls))
    buffer.close()


async def _nothing_else(tx: Transaction, saved: SavedClip) -> None:
    """The clip is all there is to write."""
