"""Pausing a recording."""

from contextlib import AsyncExitStack
from dataclasses import replace

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.pauses import Pauses
from clipshot.core.capture.running_recording import RunningRecording
from clipshot.core.capture.session import Session
from clipshot.core.errors import PreconditionError
from clipshot.core.events.payloads import Payload, SessionPaused, SessionResumed
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.store import Store


class Pauser:
    """Pauses recordings and lets them go on. The replay buffer of a session never pauses."""

    def __init__(self, store: Store, sessions: ActiveSessions, keeper: IdempotencyKeeper) -> None:
        self._store = store
        self._sessions = sessions
        self._keeper = keeper

    async def pause(self, session_id: str, key: RequestKey | None) -> Session:
        """Record nothing more until the recording is resumed; one that is paused stays so.

        Everything captured before the call is in the file when this returns.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, NOT_RECORDING.
        """
        return await self._switch(session_id, key, paused=True)

    async def resume(self, session_id: str, key: RequestKey | None) -> Session:
        """Go on with a paused recording; its file has no gap. One that is not paused goes on as it does.

        Raises: as :meth:`pause`.
        """
        return await self._switch(session_id, key, paused=False)

    async def _switch(self, session_id: str, key: RequestKey | None, *, paused: bool) -> Session:
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return await self._sessions.view(claim.answer.removeprefix("sessions/"))
            session = await self._sessions.running(session_id)
            async with self._sessions.turn(session.source.source_id), AsyncExitStack() as undo:
                recording = recording_of(session)
                told: list[Payload] = []
                if recording.paused is not paused:
                    await (self._pause if paused else self._resume)(session, recording, undo)
                    told.append((SessionPaused if paused else SessionResumed)(session.view()))
                session.stored = session.view()
                async with self._store.write() as tx:
                    await tx.sessions.put(session.stored)
                    for payload in told:
                        tx.emit(payload, session.resource)
                    await claim.remember(tx, session.resource)
                    tx.on_commit(lambda: _keep(undo))
            session.notify()
            return session.view()

    async def _pause(self, session: ActiveSession, recording: RunningRecording, undo: AsyncExitStack) -> None:
        await session.live.pause_recording()
        undo.push_async_callback(session.live.resume_recording)
        await _note(session, recording, recording.pauses.begun(session.live.now), undo)

    async def _resume(self, session: ActiveSession, recording: RunningRecording, undo: AsyncExitStack) -> None:
        await session.live.resume_recording()
        undo.push_async_callback(session.live.pause_recording)
        await _note(session, recording, recording.pauses.ended(session.live.now), undo)


def recording_of(session: ActiveSession) -> RunningRecording:
    """The recording of a session; the caller holds the source's turn.

    Raises:
        PreconditionError: SESSION_ENDED, NOT_RECORDING.
    """
    if session.stored.state.ended:
        raise PreconditionError("SESSION_ENDED", f"session {session.session_id!r} has ended", subject=session.resource)
    if session.recording is None:
        raise PreconditionError(
            "NOT_RECORDING",
            f"session {session.session_id!r} does not record",
            subject=session.resource,
            remedy="start a recording first",
            metadata={"session_id": session.session_id},
        )
    return session.recording


async def _note(session: ActiveSession, recording: RunningRecording, pauses: Pauses, undo: AsyncExitStack) -> None:
    """Write the pauses down beside the file: without them a crash would put the markers in the wrong places."""
    before = recording.file.facts
    await recording.file.keep_facts(replace(before, pauses=pauses))
    undo.push_async_callback(recording.file.keep_facts, before)


def _keep(undo: AsyncExitStack) -> None:
    """What was done stays done."""
    undo.pop_all()
