"""Capture as callers see it: sources, sessions, replays, markers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import structlog

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.attendant import Attendants
from clipshot.core.capture.audio import AudioDevices, AudioKind
from clipshot.core.capture.audio_control import AudioControl
from clipshot.core.capture.clip_maker import ClipMaker
from clipshot.core.capture.comeback import Comebacks
from clipshot.core.capture.defaults import CaptureDefaults
from clipshot.core.capture.defaults_in_force import DefaultsInForce
from clipshot.core.capture.encoder import Encoder
from clipshot.core.capture.endings import Ending, Endings
from clipshot.core.capture.findings_health import FindingsProbe
from clipshot.core.capture.findings_watch import FindingsWatch
from clipshot.core.capture.live_previews import LivePreviews
from clipshot.core.capture.live_streams import ChunkTap
from clipshot.core.capture.marker import Marker
from clipshot.core.capture.markers import MarkerKeeper
from clipshot.core.capture.pause import Pauser
from clipshot.core.capture.ports import CaptureEngine
from clipshot.core.capture.previews import Previews
from clipshot.core.capture.replay_buffer import ReplayBuffer
from clipshot.core.capture.replays import Replays
from clipshot.core.capture.requests import (
    AudioTrackRequest,
    MarkerRequest,
    SaveRequest,
    SplitRequest,
    StartRequest,
    StopRequest,
    ToggleRequest,
    UpdateRequest,
)
from clipshot.core.capture.screenshot import Screenshot, ScreenshotRequest
from clipshot.core.capture.screenshots import Screenshots
from clipshot.core.capture.session import Session, SessionMode
from clipshot.core.capture.source import Backend, Source, SourceKind
from clipshot.core.capture.split import Splitter
from clipshot.core.capture.start import Starter
from clipshot.core.capture.stop import StoppedSession, Stopper
from clipshot.core.capture.toggle import Toggler
from clipshot.core.capture.update import Updater
from clipshot.core.capture.vitals import Vitals
from clipshot.core.capture.watch import SessionWatch
from clipshot.core.clips.ports import ClipFiles
from clipshot.core.clock import Clock
from clipshot.core.events.bus import EventBus
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.operations.operation import Operation
from clipshot.core.operations.service import OperationService
from clipshot.core.page_tokens import PageTokens
from clipshot.core.paging import Keyset, Page, PageRequest
from clipshot.core.store import SessionFilter, Store

_log = structlog.get_logger(__name__)


class CaptureService:
    """Puts the parts together; each rule lives in the part that it is about.

    Where a method takes a ``session_id``, ``current`` means the session that buffers, or else the newest. Every method
    that changes something takes the RequestKey of the call and can be repeated with it.
    """

    def __init__(
        self,
        store: Store,
        engine: CaptureEngine,
        operations: OperationService,
        maker: ClipMaker,
        files: ClipFiles,
        bus: EventBus,
        keeper: IdempotencyKeeper,
        tokens: PageTokens,
        defaults: CaptureDefaults,
        clock: Clock,
    ) -> None:
        self._store = store
        self._engine = engine
        self._tokens = tokens
        self._sessions = ActiveSessions(store)
        self._endings = Endings(store, self._sessions, operations, maker, clock)
        self._comebacks = Comebacks(lambda request: self._starter.start(request, None), self._sessions)
        self._attendants = Attendants(store, self._sessions, self._endings, files, self._comebacks.wait_for, clock)
        self._defaults = DefaultsInForce(defaults, store, self._sessions)
        self._starter = Starter(store, engine, self._sessions, self._attendants, keeper, self._defaults, clock)
        self._stopper = Stopper(self._sessions, self._endings, operations, keeper)
        self._toggler = Toggler(self._sessions, self._starter, self._stopper, keeper)
        self._pauser = Pauser(store, self._sessions, keeper)
        self._splitter = Splitter(store, self._sessions, self._endings, keeper, clock)
        self._updater = Updater(store, engine, self._sessions, keeper, self._defaults)
        self._replays = Replays(store, self._sessions, operations, maker, keeper, clock)
        self._markers = MarkerKeeper(store, self._sessions, keeper, tokens, clock)
        self._previews = Previews(self._sessions)
        self.live_previews = LivePreviews(self._sessions)
        """Live previews, which need no other part."""
        self._watch = SessionWatch(self._sessions, bus)
        self.findings_probe = FindingsProbe(self._sessions)
        """Health of the sessions."""
        self._screenshots = Screenshots(store, engine, self._sessions, self._starter.source, files, keeper, clock)
        self._audio = AudioControl(store, self._sessions, keeper)
        self.findings_watch = FindingsWatch(store, self._sessions, files, clock, self._defaults)

    async def start(self) -> None:
        """Begin to tell counters, to split recordings by their rules, and to look after sessions."""
        self._watch.start()
        self._splitter.start()
        self.findings_watch.start()

    async def stop(self) -> None:
        """End all sessions; what they record becomes clips by operations, which are the caller's to wait for."""
        await self._watch.stop()
        await self.findings_watch.stop()
        await self._splitter.stop()
        await self._comebacks.stop()
        await self._replays.stop()
        await asyncio.gather(*(self._end(session) for session in self._sessions))
        await self._attendants.stop()

    async def autostart(self) -> Session:
        """Begin to buffer the primary screen, or the test source where there is none.

        Raises:
            ClipShotError: see :meth:`start_session`.
        """
        sources = await self._engine.sources()
        screens = [source for source in sources if source.kind is not SourceKind.TEST] or list(sources)
        source_id = screens[0].source_id if screens else ""
        return await self.start_session(StartRequest(source_id=source_id, mode=SessionMode.REPLAY), None)

    async def use_defaults(self, defaults: CaptureDefaults) -> Sequence[str]:
        """See :meth:`DefaultsInForce.change`."""
        return await self._defaults.change(defaults)

    async def list_sources(self, kinds: Sequence[SourceKind] = ()) -> Sequence[Source]:
        """What can be captured, the primary source first; ``kinds`` () keeps all."""
        return [source for source in await self._engine.sources() if not kinds or source.kind in kinds]

    async def list_backends(self) -> Sequence[Backend]:
        """Capture backends, working or not."""
        return await self._engine.backends()

    async def list_encoders(self) -> Sequence[Encoder]:
        """Encoders that work here, the best first."""
        return await self._engine.encoders()

    async def list_audio_devices(self, kinds: Sequence[AudioKind] = ()) -> AudioDevices:
        """What can be heard, the defaults first; ``kinds`` () keeps all."""
        found = await self._engine.audio_devices()
        devices = tuple(device for device in found.devices if not kinds or device.kind in kinds)
        return replace(found, devices=devices)

    async def update_audio_track(self, request: AudioTrackRequest, key: RequestKey | None) -> Session:
        """See :meth:`AudioControl.update`."""
        return await self._audio.update(request, key)

    async def start_session(self, request: StartRequest, key: RequestKey | None) -> Session:
        """See :meth:`Starter.start`."""
        return await self._starter.start(request, key)

    async def stop_session(self, request: StopRequest, key: RequestKey | None) -> StoppedSession:
        """See :meth:`Stopper.stop`."""
        return await self._stopper.stop(request, key)

    async def toggle_session(self, request: ToggleRequest, key: RequestKey | None) -> StoppedSession:
        """See :meth:`Toggler.toggle`."""
        return await self._toggler.toggle(request, key)

    async def pause_session(self, session_id: str, key: RequestKey | None) -> Session:
        """See :meth:`Pauser.pause`."""
        return await self._pauser.pause(session_id, key)

    async def resume_session(self, session_id: str, key: RequestKey | None) -> Session:
        """See :meth:`Pauser.resume`."""
        return await self._pauser.resume(session_id, key)

    async def split_session(self, request: SplitRequest, key: RequestKey | None) -> StoppedSession:
        """See :meth:`Splitter.split`."""
        return await self._splitter.split(request, key)

    async def update_session(self, request: UpdateRequest, key: RequestKey | None) -> Session:
        """See :meth:`Updater.update`."""
        return await self._updater.update(request, key)

    async def get_session(self, session_id: str) -> Session:
        """A session as it stands.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: NOTHING_CAPTURED.
        """
        return await self._sessions.view(session_id)

    async def list_sessions(self, where: SessionFilter, request: PageRequest) -> Page[Session]:
        """Sessions, newest first.

        Raises:
            InvalidArgumentError: the page token is not of this list.
        """

        async def fetch(after: Keyset | None, limit: int) -> Sequence[Session]:
            async with self._store.read() as reader:
                return await reader.sessions.page(where, after, limit)

        page = await self._tokens.page(
            request, where, fetch, lambda session: Keyset.at(session.session_id, session.session_id)
        )
        return replace(page, items=tuple(self._as_it_stands(session) for session in page.items))

    def watch_session(self, session_id: str) -> AsyncIterator[Session]:
        """See :meth:`SessionWatch.watch`."""
        return self._watch.watch(session_id)

    async def save_replay(self, request: SaveRequest, key: RequestKey | None) -> Operation:
        """See :meth:`Replays.save`."""
        return await self._replays.save(request, key)

    async def get_replay_buffer(self, session_id: str) -> ReplayBuffer:
        """What a session's replay buffer holds.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED, REPLAY_OFF.
        """
        session = await self._sessions.running(session_id)
        status, start = session.live.buffer_status(), session.live.start_time
        return ReplayBuffer(
            session_id=session.session_id,
            filled=status.filled,
            capacity=status.capacity,
            size_bytes=status.size_bytes,
            max_bytes=status.max_bytes,
            storage=status.storage,
            path=status.path,
            oldest_time=start + status.oldest if status.segments else None,
            newest_time=start + status.newest if status.segments else None,
            keyframes=status.keyframes,
            segments=status.segments,
        )

    async def preview(self, session_id: str, max_width: int) -> bytes:
        """See :meth:`Previews.jpeg`."""
        return await self._previews.jpeg(session_id, max_width)

    def vitals(self) -> Sequence[Vitals]:
        """Figures of all running sessions."""
        return [Vitals(session.view(), _ring_fill(session)) for session in self._sessions]

    @property
    def until_full(self) -> timedelta | None:
        """Time until the disk of the recordings is full; None where nothing is recorded, or it is not known yet."""
        return self.findings_watch.until_full

    async def take_screenshot(self, request: ScreenshotRequest, key: RequestKey | None) -> Screenshot:
        """See :meth:`Screenshots.take`."""
        return await self._screenshots.take(request, key)

    @asynccontextmanager
    async def open_chunks(self, session_id: str) -> AsyncIterator[ChunkTap]:
        """The session's own chunks, for the length of the block.

        Raises:
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: SESSION_ENDED, NOTHING_CAPTURED.
        """
        session = await self._sessions.running(session_id)
        tap = session.live.open_chunks()
        try:
            yield tap
        finally:
            tap.close()

    async def create_marker(self, request: MarkerRequest, key: RequestKey | None) -> Marker:
        """See :meth:`MarkerKeeper.create`."""
        return await self._markers.create(request, key)

    async def list_markers(self, session_id: str, request: PageRequest) -> Page[Marker]:
        """See :meth:`MarkerKeeper.list`."""
        return await self._markers.list(session_id, request)

    async def delete_marker(self, session_id: str, marker_id: str, key: RequestKey | None) -> None:
        """See :meth:`MarkerKeeper.delete`."""
        await self._markers.delete(session_id, marker_id, key)

    async def _end(self, session: ActiveSession) -> None:
        try:
            async with self._sessions.turn(session.source.source_id):
                if not session.stored.state.ended:
                    await self._endings.end(session, Ending(recording=True, buffer=True))
        except Exception:
            _log.exception("session_not_ended", session_id=session.session_id)

    def _as_it_stands(self, stored: Session) -> Session:
        running = self._sessions.find(stored.session_id)
        return running.view() if running else stored


def _ring_fill(session: ActiveSession) -> float | None:
    if session.buffer_length is None:
        return None
    return session.live.buffer_status().filled / session.buffer_length
