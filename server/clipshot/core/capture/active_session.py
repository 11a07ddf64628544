"""A session while it runs."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from clipshot.core.capture.audio import AudioConfig
from clipshot.core.capture.footage import FootageFacts
from clipshot.core.capture.kept_buffer import KeptBuffer
from clipshot.core.capture.ports import LiveSession
from clipshot.core.capture.running_recording import RunningRecording
from clipshot.core.capture.saved_ranges import SavedRanges
from clipshot.core.capture.session import Recording, Session, SessionMode, SessionState
from clipshot.core.capture.session_findings import SessionFindings
from clipshot.core.capture.source import Source


class ActiveSession:
    """What is known of a running session beyond its row in the database.

    ``stored`` is the row. Changes are made under the source's turn, see ActiveSessions.
    """

    def __init__(self, stored: Session, live: LiveSession, source: Source, codec: str, *, audio: AudioConfig) -> None:
        self.stored = stored
        self.live = live
        self.source = source
        self.codec = codec
        self.audio = audio
        self.recording: RunningRecording | None = None
        self.buffer: KeptBuffer | None = None
        self.saved = SavedRanges()
        self.findings = SessionFindings(stored.session_id)
        self._changed = asyncio.Event()

    @property
    def session_id(self) -> str:
        """Its id."""
        return self.stored.session_id

    @property
    def resource(self) -> str:
        """Its name in events and operations."""
        return f"sessions/{self.session_id}"

    @property
    def buffer_length(self) -> timedelta | None:
        """Length of its replay buffer; None when it keeps none."""
        return None if self.buffer is None else self.buffer.length

    @property
    def idle(self) -> bool:
        """Nothing is done with its stream."""
        return self.recording is None and self.buffer is None

    def view(self) -> Session:
        """The session as it stands now, counters included."""
        if self.stored.state.ended:
            return self.stored
        return replace(
            self.stored,
            state=self._state(),
            mode=self._mode(),
            duration=self.live.duration,
            stats=self.live.stats(),
            recording=self._recording(),
            replay_duration=self.buffer_length,
            audio=self.live.audio_tracks(),
            findings=self.findings.current,
            active_encoder=self.live.active_encoder,
        )

    def facts(self, title: str, start_time: datetime) -> FootageFacts:
        """What is written beside pictures that are taken from ``start_time`` on."""
        return FootageFacts(
            session_id=self.session_id,
            source_id=self.source.source_id,
            source_title=self.source.title,
            title=title,
            session_start=self.live.start_time,
            start_time=start_time,
            codec=self.codec,
            fps=self.stored.video.fps or 0,
            game=self.stored.game,
        )

    def notify(self) -> None:
        """Wake everyone who watches."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_change(self, seconds: float) -> None:
        """Return after the next change, or after so many seconds."""
        changed = self._changed
        try:
            async with asyncio.timeout(seconds):
                await changed.wait()
        except TimeoutError:
            return

    def _state(self) -> SessionState:
        if self.stored.state not in (SessionState.ACTIVE, SessionState.PAUSED):
            return self.stored.state
        paused = self.recording is not None and self.recording.paused
        return SessionState.PAUSED if paused else SessionState.ACTIVE

    def _mode(self) -> SessionMode:
        if self.idle:
            return self.stored.mode
        return SessionMode.of(recording=self.recording is not None, buffering=self.buffer is not None)

    def _recording(self) -> Recording | None:
        if self.recording is None:
            return None
        progress = self.live.recording_progress()
        return Recording(
            path=self.recording.file.path,
            start_time=self.recording.file.facts.start_time,
            duration=progress.duration,
            size_bytes=progress.size_bytes,
            paused=self.recording.paused,
            part=self.recording.part,
            split=self.recording.split,
        )
