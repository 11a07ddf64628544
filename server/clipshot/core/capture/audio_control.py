"""Changing the sound of a session while it runs."""

from dataclasses import replace

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.audio import AudioTrack
from clipshot.core.capture.requests import AudioTrackRequest
from clipshot.core.capture.session import Session
from clipshot.core.errors import InvalidArgumentError, NotFoundError, PreconditionError
from clipshot.core.events.payloads import SessionUpdated
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.store import Store


class AudioControl:
    """Gain and mute of tracks."""

    def __init__(self, store: Store, sessions: ActiveSessions, keeper: IdempotencyKeeper) -> None:
        self._store = store
        self._sessions = sessions
        self._keeper = keeper

    async def update(self, request: AudioTrackRequest, key: RequestKey | None) -> Session:
        """Change one track from now on.

        Raises:
            InvalidArgumentError: UPDATE_EMPTY, AUDIO_NOT_POSSIBLE, REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND, AUDIO_TRACK_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, AUDIO_TRACK_IS_MIX.
        """
        if request.gain_db is None and request.muted is None:
            raise InvalidArgumentError(
                "UPDATE_EMPTY", "the request names nothing to change", remedy="set gain_db, muted or both"
            )
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return await self._sessions.view(claim.answer.removeprefix("sessions/"))
            session = await self._sessions.running(request.session_id)
            async with self._sessions.turn(session.source.source_id):
                _check(session, request.track)
                session.live.set_audio(request.track, gain_db=request.gain_db, muted=request.muted)
                _remember(session, request)
                session.stored = session.view()
                async with self._store.write() as tx:
                    await tx.sessions.put(session.stored)
                    tx.emit(SessionUpdated(session.stored), session.resource)
                    await claim.remember(tx, session.resource)
            session.notify()
            return session.view()


def _check(session: ActiveSession, number: int) -> AudioTrack:
    if session.stored.state.ended:
        raise PreconditionError("SESSION_ENDED", f"session {session.session_id!r} has ended", subject=session.resource)
    for track in session.live.audio_tracks():
        if track.track == number:
            break
    else:
        raise NotFoundError("audio_track", str(number))
    if track.mixdown:
        raise PreconditionError(
            "AUDIO_TRACK_IS_MIX",
            f"track {number} is the mix of the others",
            subject=session.resource,
            remedy="change the tracks that are mixed; the mix follows them",
        )
    return track


def _remember(session: ActiveSession, request: AudioTrackRequest) -> None:
    """So that whoever joins is compared with what is heard now."""
    inputs = list(session.audio.inputs)
    index = request.track - (1 if len(inputs) == 1 else 2)  # of several inputs the first track is the mix
    old = inputs[index]
    inputs[index] = replace(
        old,
        gain_db=old.gain_db if request.gain_db is None else request.gain_db,
        muted=old.muted if request.muted is None else request.muted,
    )
    session.audio = replace(session.audio, inputs=tuple(inputs))
