"""Stopping what a caller names."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.endings import Ending, Endings
from clipshot.core.capture.requests import StopRequest, StopWhat
from clipshot.core.capture.session import Session
from clipshot.core.errors import InvalidArgumentError, PreconditionError
from clipshot.core.idempotency import Claim, IdempotencyKeeper, RequestKey
from clipshot.core.operations.service import OperationService

FINISH_SECONDS = 5.0
"""How long an answer waits for the recording's clip. Nothing depends on it: the bytes are safe before."""


@dataclass(frozen=True)
class StoppedSession:
    """A session after something of it was stopped, and the operation that makes the clip of its recording, or ''."""

    session: Session
    operation_id: str = ""


class Stopper:
    """Stops recordings and buffers."""

    def __init__(
        self, sessions: ActiveSessions, endings: Endings, operations: OperationService, keeper: IdempotencyKeeper
    ) -> None:
        self._sessions = sessions
        self._endings = endings
        self._operations = operations
        self._keeper = keeper

    async def stop(self, request: StopRequest, key: RequestKey | None) -> StoppedSession:
        """Stop what is asked.

        The answer comes when everything captured before the call is on the disk, and waits FINISH_SECONDS for the
        clip of a recording, so that usually the clip is in the library when the caller looks.

        Raises:
            InvalidArgumentError: DISCARD_UNUSED, REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOT_RECORDING, REPLAY_OFF, NOTHING_CAPTURED.
        """
        if request.discard and request.what is StopWhat.REPLAY:
            raise InvalidArgumentError.of_field("discard", "belongs to a recording", reason="DISCARD_UNUSED")
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                resource, *begun = claim.answer.split()
                session_id = resource.removeprefix("sessions/")
                operation_ids: Sequence[str] = [operation.removeprefix("operations/") for operation in begun]
            else:
                session_id, operation_ids = await self.begin(request, claim)
        return await self.answer(session_id, operation_ids)

    async def answer(self, session_id: str, operation_ids: Sequence[str]) -> StoppedSession:
        """What a caller is told; waits FINISH_SECONDS for the clips."""
        await self._wait_for(operation_ids)
        return StoppedSession(await self._sessions.view(session_id), operation_ids[0] if operation_ids else "")

    async def begin(self, request: StopRequest, claim: Claim) -> tuple[str, Sequence[str]]:
        """Stop what is asked, under a claim: the session's id, and those of the operations that make clips of it."""
        session = await self._sessions.running(request.session_id)
        async with self._sessions.turn(session.source.source_id):
            _check(session, request.what)
            ending = Ending(
                recording=request.what is not StopWhat.REPLAY,
                buffer=request.what is not StopWhat.RECORDING,
                discard=request.discard,
            )
            operations = await self._endings.end(session, ending, claim)
        return session.session_id, [operation.operation_id for operation in operations]

    async def _wait_for(self, operation_ids: Sequence[str]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                await asyncio.gather(*(self._operations.wait(operation_id) for operation_id in operation_ids))


def _check(session: ActiveSession, what: StopWhat) -> None:
    if session.stored.state.ended:
        raise PreconditionError("SESSION_ENDED", f"session {session.session_id!r} has ended", subject=session.resource)
    if what is StopWhat.RECORDING and session.recording is None:
        raise PreconditionError(
            "NOT_RECORDING",
            f"session {session.session_id!r} does not record",
            subject=session.resource,
            remedy="start a recording first",
        )
    if what is StopWhat.REPLAY and session.buffer is None:
        raise PreconditionError(
            "REPLAY_OFF",
            f"session {session.session_id!r} keeps no replay buffer",
            subject=session.resource,
            remedy="start the replay buffer first",
        )
