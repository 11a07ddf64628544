"""Starting to record or to buffer, on a new session or on one that runs."""

from contextlib import AsyncExitStack
from dataclasses import replace

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.attendant import Attendants
from clipshot.core.capture.audio import complete_audio, differing_audio
from clipshot.core.capture.defaults_in_force import DefaultsInForce
from clipshot.core.capture.kept_buffer import KeptBuffer
from clipshot.core.capture.ports import CaptureEngine
from clipshot.core.capture.region import region_source
from clipshot.core.capture.requests import StartRequest
from clipshot.core.capture.running_recording import RunningRecording
from clipshot.core.capture.session import Session, SessionMode, SessionState
from clipshot.core.capture.source import Source
from clipshot.core.capture.video import complete_video, differing_fields
from clipshot.core.clock import Clock
from clipshot.core.errors import InvalidArgumentError, NotFoundError, PreconditionError
from clipshot.core.events.payloads import SessionStarted, SessionUpdated
from clipshot.core.idempotency import Claim, IdempotencyKeeper, RequestKey
from clipshot.core.ids import new_id
from clipshot.core.store import Store


class Starter:
    """One encoder a source: a source that is captured has one session, which whoever comes later joins."""

    def __init__(
        self,
        store: Store,
        engine: CaptureEngine,
        sessions: ActiveSessions,
        attendants: Attendants,
        keeper: IdempotencyKeeper,
        defaults: DefaultsInForce,
        clock: Clock,
    ) -> None:
        self._store = store
        self._engine = engine
        self._sessions = sessions
        self._attendants = attendants
        self._keeper = keeper
        self._defaults = defaults
        self._clock = clock

    async def start(self, request: StartRequest, key: RequestKey | None) -> Session:
        """Begin what is asked.

        Raises:
            InvalidArgumentError: VIDEO_NOT_POSSIBLE, ENCODER_UNKNOWN, REPLAY_DURATION_UNUSED, SPLIT_UNUSED,
                SOURCE_ID_INVALID, AUDIO_NOT_POSSIBLE, REQUEST_ID_REUSED.
            NotFoundError: SOURCE_NOT_FOUND.
            PreconditionError: ALREADY_RECORDING, ALREADY_BUFFERING, SESSION_DIFFERS, DISPLAY_UNAVAILABLE,
                ENCODER_UNAVAILABLE, NO_SOURCE.
            ResourceExhaustedError: NO_SPACE.
        """
        if request.replay_duration is not None and request.mode is SessionMode.RECORD:
            raise InvalidArgumentError.of_field(
                "replay_duration", "belongs to the modes replay and both", reason="REPLAY_DURATION_UNUSED"
            )
        if request.split is not None and request.mode is SessionMode.REPLAY:
            raise InvalidArgumentError.of_field("split", "belongs to the modes record and both", reason="SPLIT_UNUSED")
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return await self._sessions.view(claim.answer.removeprefix("sessions/"))
            return await self.begin(request, await self.source(request.source_id), claim)

    async def begin(self, request: StartRequest, source: Source, claim: Claim) -> Session:
        """Begin what is asked on a source, under a claim. Raises as :meth:`start` does."""
        async with self._sessions.turn(source.source_id):
            running = self._sessions.of_source(source.source_id)
            if running is None:
                return await self._open(request, source, claim)
            return await self._join(request, running, claim)

    async def source(self, source_id: str) -> Source:
        """A source by its id, or the primary one.

        Raises:
            InvalidArgumentError: SOURCE_ID_INVALID.
            NotFoundError: SOURCE_NOT_FOUND.
            PreconditionError: DISPLAY_UNAVAILABLE, NO_SOURCE.
        """
        sources = await self._engine.sources()
        if source_id:
            for source in sources:
                if source.source_id == source_id:
                    return source
            region = region_source(source_id, sources)
            if region is not None:
                return region
            await self._check_backend(source_id)
            raise NotFoundError("source", source_id)
        if not sources:
            raise PreconditionError(
                "NO_SOURCE",
                "there is nothing to capture",
                subject="sources",
                remedy="list the sources to see which backends work, and why others do not",
            )
        return sources[0]

    async def _check_backend(self, source_id: str) -> None:
        """A source whose backend does not work just now is not unknown: it cannot be seen."""
        for backend in await self._engine.backends():
            if source_id.startswith(f"{backend.name}:") and not backend.available:
                raise PreconditionError(
                    "DISPLAY_UNAVAILABLE",
                    f"the capture backend {backend.name!r} does not work here",
                    subject=f"sources/{source_id}",
                    remedy=backend.reason,
                    metadata={"backend": backend.name, "source_id": source_id},
                )

    async def _open(self, request: StartRequest, source: Source, claim: Claim) -> Session:
        encoders = await self._engine.encoders()
        video = complete_video(request.video, source, encoders, self._defaults.now.video)
        codec = next(encoder.codec for encoder in encoders if encoder.encoder_id == video.encoder)
        audio = complete_audio(request.audio, self._defaults.now.audio)
        draw_cursor = request.draw_cursor is not False
        session_id = new_id("ses")
        async with AsyncExitStack() as undo:
            live = await self._engine.open(source, video, audio, session_id=session_id, draw_cursor=draw_cursor)
            undo.push_async_callback(live.stop)
            stored = Session(
                session_id=session_id,
                source_id=source.source_id,
                backend=source.backend,
                title=request.title or source.title,
                state=SessionState.ACTIVE,
                mode=request.mode,
                start_time=live.start_time,
                video=replace(video, width=live.width, height=live.height),
                game=request.game,
                draw_cursor=draw_cursor,
            )
            session = ActiveSession(stored, live, source, codec, audio=audio)
            await self._begin_taps(session, request, undo)
            session.stored = session.view()
            async with self._store.write() as tx:
                await tx.sessions.put(session.stored)
                tx.emit(SessionStarted(session.stored), session.resource)
                await claim.remember(tx, session.resource)
                tx.on_commit(lambda: _keep(undo))
                tx.on_commit(lambda: self._sessions.add(session))
                tx.on_commit(lambda: self._attendants.attend(session))
        return session.view()

    async def _join(self, request: StartRequest, session: ActiveSession, claim: Claim) -> Session:
        # What can never work is the caller's mistake, whether or not somebody captures the source already.
        complete_video(request.video, session.source, await self._engine.encoders(), self._defaults.now.video)
        _check_joinable(request, session)
        if request.game:
            session.stored = replace(session.stored, game=request.game)
        async with AsyncExitStack() as undo:
            await self._begin_taps(session, request, undo)
            session.stored = session.view()
            async with self._store.write() as tx:
                await tx.sessions.put(session.stored)
                tx.emit(SessionUpdated(session.stored), session.resource)
                await claim.remember(tx, session.resource)
                tx.on_commit(lambda: _keep(undo))
        session.notify()
        return session.view()

    async def _begin_taps(self, session: ActiveSession, request: StartRequest, undo: AsyncExitStack) -> None:
        """Begin what is asked and not on yet; ``undo`` takes it back."""
        if request.mode is not SessionMode.RECORD and session.buffer is None:
            length = request.replay_duration or self._defaults.now.replay_duration
            facts = session.facts("", self._clock())
            most = self._defaults.now.replay_max_bytes
            await session.live.start_buffer(facts, length, most)
            session.buffer = KeptBuffer(session.live, length, most)
            undo.push_async_callback(_stop_buffer, session)
        if request.mode is not SessionMode.REPLAY and session.recording is None:
            file = await session.live.start_recording(session.facts(request.title, self._clock()))
            session.recording = RunningRecording(file, request.title, split=request.split)
            undo.push_async_callback(_drop_recording, session)


def _check_joinable(request: StartRequest, session: ActiveSession) -> None:
    fields = list(differing_fields(request.video, session.stored.video))
    fields += differing_audio(request.audio, session.audio)
    if request.draw_cursor is not None and request.draw_cursor != session.stored.draw_cursor:
        fields.append("draw_cursor")
    if request.replay_duration is not None and session.buffer_length not in (None, request.replay_duration):
        fields.append("replay_duration")
    if fields:
        raise PreconditionError(
            "SESSION_DIFFERS",
            f"{session.source.title!r} is captured already, with other values of {', '.join(fields)}",
            subject=session.resource,
            remedy="leave these fields out to join the session, or stop it first",
            metadata={"session_id": session.session_id, "fields": ",".join(fields)},
        )
    wants_recording = request.mode is not SessionMode.REPLAY
    wants_buffer = request.mode is not SessionMode.RECORD
    recording, buffering = session.recording is not None, session.buffer is not None
    if (wants_recording and not recording) or (wants_buffer and not buffering):
        return
    reason, what = ("ALREADY_RECORDING", "recorded") if wants_recording else ("ALREADY_BUFFERING", "buffered")
    raise PreconditionError(
        reason,
        f"{session.source.title!r} is being {what} already",
        subject=session.resource,
        remedy="use that session, or stop it first",
        metadata={"session_id": session.session_id},
    )


def _keep(undo: AsyncExitStack) -> None:
    """What was begun stays begun."""
    undo.pop_all()


async def _stop_buffer(session: ActiveSession) -> None:
    session.buffer = None
    await session.live.stop_buffer()


async def _drop_recording(session: ActiveSession) -> None:
    recording, session.recording = session.recording, None
    await session.live.stop_recording()
    if recording is not None:
        await recording.file.discard()
