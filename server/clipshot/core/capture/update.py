"""Changing a session while it runs."""

from dataclasses import replace

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.defaults_in_force import DefaultsInForce
from clipshot.core.capture.pause import recording_of
from clipshot.core.capture.ports import CaptureEngine
from clipshot.core.capture.requests import UpdateRequest
from clipshot.core.capture.session import Session
from clipshot.core.capture.split_rule import SplitRule
from clipshot.core.capture.video import complete_rate_control
from clipshot.core.errors import InvalidArgumentError, PreconditionError
from clipshot.core.events.payloads import SessionUpdated
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.store import Store


class Updater:
    """Applies changes at once: first all are checked, then what may fail is done, then the rest."""

    def __init__(
        self,
        store: Store,
        engine: CaptureEngine,
        sessions: ActiveSessions,
        keeper: IdempotencyKeeper,
        defaults: DefaultsInForce,
    ) -> None:
        self._store = store
        self._engine = engine
        self._sessions = sessions
        self._keeper = keeper
        self._defaults = defaults

    async def update(self, request: UpdateRequest, key: RequestKey | None) -> Session:
        """Change what is named.

        Raises:
            InvalidArgumentError: UPDATE_EMPTY, TITLE_EMPTY, VIDEO_NOT_POSSIBLE, REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, REPLAY_OFF, NOT_RECORDING, ENCODER_UNAVAILABLE.
        """
        _check(request)
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return await self._sessions.view(claim.answer.removeprefix("sessions/"))
            session = await self._sessions.running(request.session_id)
            async with self._sessions.turn(session.source.source_id):
                _check_parts(request, session)
                await self._control_rate(request, session)
                await _rename(request, session)
                if request.draw_cursor is not None:
                    session.live.set_draw_cursor(request.draw_cursor)
                    session.stored = replace(session.stored, draw_cursor=request.draw_cursor)
                if request.replay_duration is not None and session.buffer is not None:
                    session.buffer.resize(request.replay_duration)
                session.stored = session.view()
                async with self._store.write() as tx:
                    await tx.sessions.put(session.stored)
                    tx.emit(SessionUpdated(session.stored), session.resource)
                    await claim.remember(tx, session.resource)
            session.notify()
            return session.view()

    async def _control_rate(self, request: UpdateRequest, session: ActiveSession) -> None:
        if request.rate_control is None:
            return
        video = session.stored.video
        encoders = await self._engine.encoders()
        rate = complete_rate_control(request.rate_control, video.encoder, encoders, self._defaults.now.video)
        session.live.set_rate_control(rate)
        session.stored = replace(session.stored, video=replace(video, rate_control=rate))


def _check(request: UpdateRequest) -> None:
    if not request.fields:
        raise InvalidArgumentError(
            "UPDATE_EMPTY",
            "the request names nothing to change",
            remedy="set at least one of rate_control, replay_duration, title, draw_cursor, game and split",
        )
    if request.title is not None and not request.title.strip():
        raise InvalidArgumentError.of_field("title", "must not be empty", reason="TITLE_EMPTY")


def _check_parts(request: UpdateRequest, session: ActiveSession) -> None:
    if session.stored.state.ended:
        raise PreconditionError("SESSION_ENDED", f"session {session.session_id!r} has ended", subject=session.resource)
    if request.replay_duration is not None and session.buffer is None:
        raise PreconditionError(
            "REPLAY_OFF",
            f"session {session.session_id!r} keeps no replay buffer",
            subject=session.resource,
            remedy="start the replay buffer first",
        )
    if request.split is not None:
        recording_of(session)


async def _rename(request: UpdateRequest, session: ActiveSession) -> None:
    """Title, game and split rule; beside what is recorded and buffered they are for the start after a crash."""
    stored = session.stored
    session.stored = replace(
        stored,
        title=stored.title if request.title is None else request.title,
        game=stored.game if request.game is None else request.game,
    )
    recording = session.recording
    if recording is not None:
        facts = recording.file.facts
        changed = replace(
            facts,
            title=facts.title if request.title is None else request.title,
            game=session.stored.game,
        )
        if changed != facts:
            await recording.file.keep_facts(changed)
        session.recording = replace(recording, title=changed.title, split=_rule(request.split, recording.split))
    if session.buffer is not None and request.game is not None:
        await session.live.note_game(request.game)


def _rule(asked: SplitRule | None, before: SplitRule | None) -> SplitRule | None:
    if asked is None:
        return before
    return None if asked == SplitRule() else asked
