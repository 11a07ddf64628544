"""One key for on and off."""

import asyncio
from collections import defaultdict

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.requests import CURRENT, StartRequest, StopRequest, StopWhat, ToggleRequest, ToggleWhat
from clipshot.core.capture.session import SessionMode
from clipshot.core.capture.start import Starter
from clipshot.core.capture.stop import StoppedSession, Stopper
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey

_HOW = {
    ToggleWhat.RECORDING: (SessionMode.RECORD, StopWhat.RECORDING),
    ToggleWhat.REPLAY: (SessionMode.REPLAY, StopWhat.REPLAY),
}


class Toggler:
    """Starts what is off and stops what is on."""

    def __init__(self, sessions: ActiveSessions, starter: Starter, stopper: Stopper, keeper: IdempotencyKeeper) -> None:
        self._sessions = sessions
        self._starter = starter
        self._stopper = stopper
        self._keeper = keeper
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def toggle(self, request: ToggleRequest, key: RequestKey | None) -> StoppedSession:
        """Switch the recording, or the buffer, of a source. Two calls at once switch twice.

        Raises: as :meth:`Starter.start` and :meth:`Stopper.stop`.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                resource, *begun = claim.answer.split()
                operation_ids = [operation.removeprefix("operations/") for operation in begun]
                return await self._stopper.answer(resource.removeprefix("sessions/"), operation_ids)
            captured = None if request.source_id else self._sessions.find(CURRENT)
            source = captured.source if captured else await self._starter.source(request.source_id)
            mode, what = _HOW[request.what]
            async with self._turns[source.source_id]:
                session = self._sessions.of_source(source.source_id)
                if session is None or not _is_on(session, request.what):
                    asked = StartRequest(source.source_id, mode)
                    return StoppedSession(await self._starter.begin(asked, source, claim))
                stopped = await self._stopper.begin(StopRequest(session.session_id, what), claim)
        return await self._stopper.answer(*stopped)


def _is_on(session: ActiveSession, what: ToggleWhat) -> bool:
    return (session.recording if what is ToggleWhat.RECORDING else session.buffer) is not None
