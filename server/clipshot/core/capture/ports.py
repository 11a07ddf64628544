"""What core needs of a capture engine, in core's own terms.

Session time is a timedelta since the session's first picture.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from clipshot.core.capture.audio import AudioConfig, AudioDevices, AudioTrack
from clipshot.core.capture.encoder import Encoder, RateControl, VideoConfig
from clipshot.core.capture.footage import Footage, FootageFacts, PinnedMoment, RecordedFile, ReplayFacts
from clipshot.core.capture.live_streams import ChunkTap, PreviewTap
from clipshot.core.capture.replay_buffer import ReplayStorage
from clipshot.core.capture.screenshot import ImageFormat, Screenshot
from clipshot.core.capture.session import SessionStats
from clipshot.core.capture.source import Backend, Source


class NoticeKind(StrEnum):
    """What a live session can report on its own."""

    SOURCE_LOST = "source_lost"
    ENCODER_FAILED = "encoder_failed"
    RECORDING_FAILED = "recording_failed"
    RING_IN_MEMORY = "ring_in_memory"
    RING_ON_DISK = "ring_on_disk"
    RING_FAILED = "ring_failed"
    PREVIEW_FAILED = "preview_failed"
    SOURCE_RESIZED = "source_resized"
    AUDIO_UNAVAILABLE = "audio_unavailable"
    AUDIO_LOST = "audio_lost"
    AUDIO_BACK = "audio_back"
    ENCODER_FELL_BACK = "encoder_fell_back"
    ENDED = "ended"


@dataclass(frozen=True)
class Notice:
    """Something a live session reports on its own.

    ``detail`` of RECORDING_FAILED is NO_SPACE or IO, that of AUDIO_LOST and AUDIO_BACK the device, that of
    SOURCE_RESIZED the new size as ``WIDTHxHEIGHT``.
    """

    kind: NoticeKind
    detail: str


@dataclass(frozen=True)
class BufferStatus:
    """What a replay buffer holds. ``oldest``, ``newest`` and ``keyframes`` are session times."""

    filled: timedelta
    capacity: timedelta
    size_bytes: int
    max_bytes: int
    segments: int
    storage: ReplayStorage
    path: str
    oldest: timedelta
    newest: timedelta
    keyframes: tuple[timedelta, ...]


@dataclass(frozen=True)
class RecordingProgress:
    """How far a recording is."""

    duration: timedelta
    size_bytes: int


class LiveSession(Protocol):
    """One source, one encoder, one stream, and its taps: replay buffer, recording, preview."""

    @property
    def width(self) -> int:
        """Width of the pictures in pixels."""

    @property
    def height(self) -> int:
        """Height of the pictures in pixels."""

    @property
    def start_time(self) -> datetime:
        """Wall clock of session time zero."""

    @property
    def now(self) -> timedelta:
        """Session time now."""

    @property
    def duration(self) -> timedelta:
        """Session time at which the newest picture ends."""

    def stats(self) -> SessionStats:
        """Counters since the start."""

    @property
    def brightest(self) -> int:
        """Luma of the brightest of the points that are sampled of the newest picture, 0..255."""

    @property
    def active_encoder(self) -> str:
        """The encoder in use; another than at the start after a fall back."""

    def audio_tracks(self) -> tuple[AudioTrack, ...]:
        """The sound tracks as they stand."""

    def set_audio(self, track: int, *, gain_db: float | None, muted: bool | None) -> None:
        """Change a track, counted from 1, that is not the mix; None leaves as it is."""

    def notices(self) -> AsyncIterator[Notice]:
        """What the session reports, until it is stopped. For one reader."""

    async def start_buffer(self, facts: FootageFacts, length: timedelta, max_bytes: int) -> None:
        """Begin to keep the last ``length``, in at most ``max_bytes``."""

    def buffer_status(self) -> BufferStatus:
        """PreconditionError REPLAY_OFF when nothing is buffered."""

    async def stop_buffer(self) -> None:
        """Stop buffering and forget what was held; moments pinned before stay."""

    async def pin(self, facts: ReplayFacts, length: timedelta | None, since: timedelta | None) -> PinnedMoment:
        """Hold the last ``length`` (None: all) up to the picture on the screen at the call.

        With ``since``, a session time, it begins exactly there instead, or with the oldest picture where that is later.
        """

    def resize_buffer(self, length: timedelta, max_bytes: int) -> None:
        """Keep so much from now on; nothing where nothing is buffered."""

    def flush_buffer(self, before: timedelta) -> None:
        """Forget what lies before a session time; pinned moments stay. Nothing where nothing is buffered."""

    async def note_game(self, game: str) -> None:
        """Write down, beside what is buffered, which game is played."""

    async def start_recording(self, facts: FootageFacts) -> RecordedFile:
        """Begin to record into a new file."""

    def recording_progress(self) -> RecordingProgress:
        """How far the recording is."""

    async def stop_recording(self) -> None:
        """Return when everything captured before the call is on the disk."""

    async def pause_recording(self) -> None:
        """Record nothing more until it is resumed; returns when everything captured before the call is in the file."""

    async def resume_recording(self) -> None:
        """Go on with the paused recording; its file has no gap."""

    async def split_recording(self, facts: FootageFacts) -> RecordedFile:
        """Go on in a new file, without losing a picture; the old one is whole and on the disk when this returns."""

    def set_draw_cursor(self, on: bool) -> None:
        """Show the pointer in the pictures, or do not."""

    def set_rate_control(self, rate: RateControl) -> None:
        """Control the bitrate so from the next picture on; ``rate`` is complete.

        Raises:
            InvalidArgumentError: VIDEO_NOT_POSSIBLE.
            PreconditionError: ENCODER_UNAVAILABLE, this encoder cannot change while it runs.
        """

    async def preview_jpeg(self, max_width: int) -> bytes:
        """The newest picture, no wider than ``max_width`` pixels."""

    async def screenshot(self, kind: ImageFormat, quality: int, max_width: int) -> Screenshot:
        """The newest picture; ``quality`` 1..100, ``max_width`` 0 keeps the size."""

    def open_chunks(self) -> ChunkTap:
        """Read the session's own chunks."""

    async def open_preview(self, max_width: int) -> PreviewTap:
        """Watch, no wider than ``max_width`` pixels; 0 is half of the session's size."""

    async def stop(self) -> None:
        """End capture. What is buffered stays on the disk until it is taken or the server starts again."""

    def take_buffer(self) -> Footage | None:
        """What the buffer of a session that is stopped has held; None when it kept none."""


class CaptureEngine(Protocol):
    """What can be captured here, and with what."""

    async def sources(self) -> Sequence[Source]:
        """Everything that can be captured, the primary source first."""

    async def backends(self) -> Sequence[Backend]:
        """Every backend, working or not."""

    async def encoders(self) -> Sequence[Encoder]:
        """Encoders that encoded a real picture here, the best first."""

    async def screenshot(
        self, source: Source, kind: ImageFormat, quality: int, max_width: int, *, draw_cursor: bool
    ) -> Screenshot:
        """A picture of a source that need not be captured; ``quality`` 1..100, ``max_width`` 0 keeps the size."""

    async def audio_devices(self) -> AudioDevices:
        """What can be heard here, the defaults first, or why nothing can."""

    async def open(
        self, source: Source, video: VideoConfig, audio: AudioConfig, *, session_id: str, draw_cursor: bool
    ) -> LiveSession:
        """Begin to capture; ``video`` and ``audio`` are complete.

        PreconditionError where display, source or encoder is missing. Without a sound server it goes on without sound
        and says so by a notice.
        """
