"""What sessions report on their own, turned into events and endings."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.diagnosis.reading import Symptom
from clipshot.core.capture.endings import Ending, Endings
from clipshot.core.capture.finding import FindingKind
from clipshot.core.capture.ports import Notice, NoticeKind
from clipshot.core.clips.ports import ClipFiles
from clipshot.core.clock import Clock
from clipshot.core.errors import ErrorKind
from clipshot.core.events.payloads import HealthChanged, Payload, SourceLost, StorageLow
from clipshot.core.problem import Problem
from clipshot.core.store import Store

_log = structlog.get_logger(__name__)

NO_SPACE = "NO_SPACE"

_LASTING: Mapping[NoticeKind, tuple[FindingKind, str]] = {
    NoticeKind.RING_IN_MEMORY: (
        FindingKind.RING_IN_MEMORY,
        "the folder of the replay buffer is full; the buffer goes on in memory, which a crash would lose",
    ),
    NoticeKind.AUDIO_UNAVAILABLE: (
        FindingKind.AUDIO_UNAVAILABLE,
        "nothing is heard: {}; the session goes on without sound, start a new one when the sound server runs",
    ),
    NoticeKind.ENCODER_FELL_BACK: (
        FindingKind.ENCODER_FELL_BACK,
        "another encoder took over ({}); the session goes on, at a higher load of the processor",
    ),
    NoticeKind.SOURCE_RESIZED: (
        FindingKind.SOURCE_RESIZED,
        "the source is {} now; pictures are scaled to the size of the start, a new session takes the new size",
    ),
}
"""What a notice begins that lasts, and its words; the notice's detail goes into the braces."""


class Attendants:
    """One task for each session: it listens to the session until that has ended.

    ``on_lost`` hears of a session whose source is gone, before that ends.
    """

    def __init__(
        self,
        store: Store,
        sessions: ActiveSessions,
        endings: Endings,
        files: ClipFiles,
        on_lost: Callable[[ActiveSession], None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._endings = endings
        self._files = files
        self._on_lost = on_lost
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def attend(self, session: ActiveSession) -> None:
        """Listen to a new session."""
        task = asyncio.create_task(self._listen(session), name=f"attend-{session.session_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, session: ActiveSession) -> None:
        async for notice in session.live.notices():
            try:
                async with self._sessions.turn(session.source.source_id):
                    if session.stored.state.ended:
                        return
                    await self._act(session, notice)
            except Exception:
                _log.exception("notice_lost", session_id=session.session_id, notice=notice.kind)

    async def _act(self, session: ActiveSession, notice: Notice) -> None:
        match notice.kind:
            case NoticeKind.SOURCE_LOST:
                self._on_lost(session)
                lost = SourceLost(session.session_id, session.source.source_id, notice.detail)
                await self._fail(session, "SOURCE_LOST", f"{session.source.title!r} is gone: {notice.detail}", lost)
            case NoticeKind.ENCODER_FAILED:
                told = self._found(session, FindingKind.ENCODER_FAILED, _say(notice, "start a new session"))
                await self._fail(session, "ENCODER_FAILED", f"the encoder failed: {notice.detail}", *told)
            case NoticeKind.ENDED:
                await self._fail(session, "CAPTURE_ENDED", f"capture ended by itself: {notice.detail}")
            case NoticeKind.RECORDING_FAILED:
                await self._recording_failed(session, notice)
            case NoticeKind.RING_FAILED:
                detail = _say(notice, "start the replay buffer again")
                told = self._found(session, FindingKind.RING_FAILED, detail)
                await self._lose(session, Ending(recording=False, buffer=True, tell=tuple(told)), detail, "RING_FAILED")
            case NoticeKind.RING_ON_DISK:
                await self._tell(session, session.findings.end(FindingKind.RING_IN_MEMORY), notice)
            case NoticeKind.SOURCE_RESIZED if notice.detail == f"{session.source.width}x{session.source.height}":
                await self._tell(session, session.findings.end(FindingKind.SOURCE_RESIZED), notice)
            case kind if kind in _LASTING:
                finding, words = _LASTING[kind]
                detail = words.format(notice.detail)
                await self._tell(session, self._found(session, finding, detail), notice)
            case _:
                # The device of a track is seen each second anyway, and a preview's viewers see their stream end.
                _log.warning("notice", session_id=session.session_id, notice=notice.kind, detail=notice.detail)
                session.notify()

    async def _recording_failed(self, session: ActiveSession, notice: Notice) -> None:
        if notice.detail == NO_SPACE:
            finding, reason = FindingKind.RECORDING_DISK_FULL, "RECORDING_DISK_FULL"
            text = "the disk is full, so the recording ended; what was written plays. Make room and start again."
            low = [StorageLow(self._files.root, await self._files.free_bytes())]
        else:
            finding, reason = FindingKind.RECORDING_FAILED, "RECORDING_FAILED"
            text = f"the recording could not be written ({notice.detail}), so it ended; what was written plays"
            low = []
        told = self._found(session, finding, text)
        await self._lose(session, Ending(recording=True, buffer=False, tell=(*told, *low)), text, reason)

    async def _lose(self, session: ActiveSession, ending: Ending, message: str, reason: str) -> None:
        """End a part; where it was the only one, the session has failed."""
        other = session.buffer is not None if ending.recording else session.recording is not None
        if other:
            await self._endings.end(session, ending)
        else:
            await self._fail(session, reason, message, *ending.tell)

    async def _fail(self, session: ActiveSession, reason: str, message: str, *tell: Payload) -> None:
        _log.error("session_failed", session_id=session.session_id, reason=reason, message=message)
        problem = Problem(ErrorKind.PRECONDITION, reason, message, {"session_id": session.session_id})
        await self._endings.end(session, Ending(recording=True, buffer=True, problem=problem, tell=tell))

    def _found(self, session: ActiveSession, kind: FindingKind, detail: str) -> Sequence[HealthChanged]:
        return session.findings.begin(Symptom(kind, detail), self._clock())

    async def _tell(self, session: ActiveSession, changes: Sequence[HealthChanged], notice: Notice) -> None:
        _log.warning("notice", session_id=session.session_id, notice=notice.kind, detail=notice.detail)
        if changes:
            async with self._store.write() as tx:
                for change in changes:
                    tx.emit(change, session.resource)
        session.notify()


def _say(notice: Notice, remedy: str) -> str:
    return f"{notice.detail or notice.kind.value}; {remedy}"
