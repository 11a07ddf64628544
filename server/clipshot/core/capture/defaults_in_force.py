"""The defaults of sessions while they change."""

from collections.abc import Sequence
from dataclasses import replace

from clipshot.core.capture.active_session import ActiveSession
from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.defaults import CaptureDefaults
from clipshot.core.errors import ClipShotError
from clipshot.core.events.payloads import SessionUpdated
from clipshot.core.store import Store


class DefaultsInForce:
    """What new sessions take.

    A session that runs follows in what it has as the default was; what its caller chose otherwise, it keeps.
    """

    def __init__(self, defaults: CaptureDefaults, store: Store, sessions: ActiveSessions) -> None:
        self.now = defaults
        self._store = store
        self._sessions = sessions

    async def change(self, defaults: CaptureDefaults) -> Sequence[str]:
        """Take other defaults; where a running session could not follow, a sentence for each."""
        before, self.now = self.now, defaults
        notes: list[str] = []
        for session in self._sessions:
            async with self._sessions.turn(session.source.source_id):
                if not session.stored.state.ended:
                    notes.extend(await self._follow(session, before))
        return notes

    async def _follow(self, session: ActiveSession, before: CaptureDefaults) -> Sequence[str]:
        notes: list[str] = []
        was = session.view()
        for what, step in (("replay buffer", self._resize), ("bitrate", self._control_rate)):
            try:
                step(session, before)
            except ClipShotError as error:
                notes.append(f"{session.source.title!r} keeps its {what}: {error.message}")
        view = session.view()
        if (view.video, view.replay_duration) != (was.video, was.replay_duration):
            session.stored = view
            async with self._store.write() as tx:
                await tx.sessions.put(session.stored)
                tx.emit(SessionUpdated(session.stored), session.resource)
            session.notify()
        return notes

    def _resize(self, session: ActiveSession, before: CaptureDefaults) -> None:
        buffer, now = session.buffer, self.now
        sizes = (before.replay_duration, before.replay_max_bytes) != (now.replay_duration, now.replay_max_bytes)
        if buffer is not None and sizes:
            followed = buffer.length == before.replay_duration
            buffer.resize(now.replay_duration if followed else buffer.length, now.replay_max_bytes)

    def _control_rate(self, session: ActiveSession, before: CaptureDefaults) -> None:
        wanted, video = self.now.video.rate_control, session.stored.video
        if video.rate_control == before.video.rate_control != wanted:
            session.live.set_rate_control(wanted)
            session.stored = replace(session.stored, video=replace(video, rate_control=wanted))
