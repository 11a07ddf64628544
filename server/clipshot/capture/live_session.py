"""A native session, in core's terms."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from clipshot.capture.audio import to_track
from clipshot.capture.facts_json import replay_to_json
from clipshot.capture.footage import PinFootage, RecordingFootage, RingFootage
from clipshot.capture.image import to_screenshot
from clipshot.capture.live_taps import NativeChunkTap, NativePreviewTap
from clipshot.capture.mss.feeder import MssFeeder
from clipshot.capture.native_errors import translated
from clipshot.capture.ring_places import RingPlace, RingPlaces
from clipshot.capture.session_folder import LIVE, RecordingFolder, SessionFolder
from clipshot.capture.ticks import to_ticks, to_time, wall_clock
from clipshot.core.capture.audio import AudioTrack
from clipshot.core.capture.encoder import RateControl
from clipshot.core.capture.footage import FootageFacts, ReplayFacts
from clipshot.core.capture.ports import BufferStatus, Notice, NoticeKind, RecordingProgress
from clipshot.core.capture.replay_buffer import ReplayStorage
from clipshot.core.capture.screenshot import ImageFormat, Screenshot
from clipshot.core.capture.session import SessionStats
from clipshot.core.errors import PreconditionError, UnavailableError
from clipshot.core.ids import new_id
from clipshot_native import Session

EVERYTHING = timedelta(days=1)
"""Longer than any ring: a pin of so much holds all there is."""

JPEG_QUALITY = 80

LIVE_STAGE = "live"
"""The native name for what slow live subscribers skipped: nothing that a recording or a replay lacks."""


class NativeLiveSession:
    """One native session, the folders its taps write to, and the feeder of one that the native core cannot read."""

    def __init__(
        self,
        session: Session,
        session_id: str,
        places: RingPlaces,
        recordings: Path,
        feeder: MssFeeder | None = None,
    ) -> None:
        self._session = session
        self._session_id = session_id
        self._places = places
        self._recordings = recordings
        self._feeder = feeder
        self._folders: dict[Path, SessionFolder] = {}
        self._place: RingPlace | None = None
        self._folder: SessionFolder | None = None
        self._facts: FootageFacts | None = None

    @property
    def width(self) -> int:
        """Width of the pictures in pixels."""
        return self._session.width

    @property
    def height(self) -> int:
        """Height of the pictures in pixels."""
        return self._session.height

    @property
    def start_time(self) -> datetime:
        """Wall clock of session time zero."""
        return wall_clock(self._session.start_unix_ns)

    @property
    def now(self) -> timedelta:
        """Session time now."""
        elapsed = time.clock_gettime_ns(time.CLOCK_MONOTONIC) - self._session.start_monotonic_ns
        return timedelta(microseconds=max(elapsed, 0) // 1000)

    @property
    def duration(self) -> timedelta:
        """Session time at which the newest picture ends."""
        return to_time(self._session.stats().duration_ticks)

    def stats(self) -> SessionStats:
        """Counters since the start."""
        stats = self._session.stats()
        return SessionStats(
            captured_frames=stats.captured,
            keepalive_frames=stats.keepalive,
            encoded_frames=stats.encoded,
            dropped_frames={stage: count for stage, count in stats.dropped.items() if stage != LIVE_STAGE},
            encoded_bytes=stats.bytes_encoded,
            fps=stats.fps,
            bitrate_kbps=stats.bitrate_kbps,
            encode_latency=timedelta(milliseconds=stats.encode_ms),
            encoder_load=stats.encoder_load,
            luma_mean=stats.luma_mean,
            last_change=to_time(stats.last_change_ticks),
        )

    @property
    def brightest(self) -> int:
        """Luma of the brightest of the points that are sampled of the newest picture."""
        return self._session.stats().luma_max

    @property
    def active_encoder(self) -> str:
        """The encoder in use."""
        return self._session.stats().encoder

    def audio_tracks(self) -> tuple[AudioTrack, ...]:
        """The sound tracks as they stand."""
        return tuple(map(to_track, self._session.audio_tracks()))

    def set_audio(self, track: int, *, gain_db: float | None, muted: bool | None) -> None:
        """Change a track that is not the mix."""
        with translated():
            self._session.set_audio(track - 1, gain_db=gain_db, muted=muted)

    async def notices(self) -> AsyncIterator[Notice]:
        """What the session reports, until it has ended."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        descriptor = self._session.notices_fileno()
        loop.add_reader(descriptor, woken.set)
        try:
            while True:
                await woken.wait()
                woken.clear()
                for notice in self._session.drain_notices():
                    kind = NoticeKind(notice.kind)
                    yield Notice(kind, notice.detail)
                    if kind is NoticeKind.ENDED:
                        return
        finally:
            loop.remove_reader(descriptor)

    async def start_buffer(self, facts: FootageFacts, length: timedelta, max_bytes: int) -> None:
        """Begin to keep the last ``length``, in at most ``max_bytes``."""
        place = await asyncio.to_thread(self._places.choose, max_bytes)
        path = place.folder / LIVE / self._session_id
        folder = self._folders.setdefault(path, SessionFolder(path))  # one, since pins may still use it
        await asyncio.to_thread(folder.prepare, facts)
        try:
            with translated():
                self._session.start_ring(str(folder.ring), length.total_seconds(), max_bytes)
        except BaseException:
            await asyncio.to_thread(folder.drop_ring)
            raise
        self._place, self._folder, self._facts = place, folder, facts

    def buffer_status(self) -> BufferStatus:
        """What the replay buffer holds."""
        with translated():
            ring = self._session.ring_status()
        place, folder = self._buffer()
        return BufferStatus(
            filled=to_time(ring.filled_ticks),
            capacity=timedelta(seconds=ring.capacity_seconds),
            size_bytes=ring.bytes,
            max_bytes=ring.max_bytes,
            segments=ring.segments,
            storage=ReplayStorage.ANONYMOUS_MEMORY if ring.memory_segments else place.storage,
            path=str(folder.ring),
            oldest=to_time(ring.oldest_ticks),
            newest=to_time(ring.newest_ticks),
            keyframes=tuple(to_time(ticks) for ticks in ring.keyframes),
        )

    async def stop_buffer(self) -> None:
        """Stop buffering and forget what was held; moments pinned before stay."""
        _, folder = self._buffer()
        with translated():
            await self._session.stop_ring()
        self._place = self._folder = self._facts = None
        await asyncio.to_thread(folder.tidy)

    async def pin(self, facts: ReplayFacts, length: timedelta | None, since: timedelta | None) -> PinFootage:
        """Hold the last ``length`` (None: all) up to the picture on the screen at the call, or all since a time."""
        _, folder = self._buffer()
        target = folder.new_pin(facts.operation_id)
        seconds = (EVERYTHING if length is None else length).total_seconds()
        with translated():
            ticks = self._oldest_asked(length) if since is None else to_ticks(since)
            pin = await self._session.pin(str(target), seconds, replay_to_json(facts), since_ticks=ticks)
        return PinFootage(pin, facts, folder)

    def _oldest_asked(self, length: timedelta | None) -> int | None:
        """The ring's oldest picture, where more is asked for than it holds: a moment never begins before."""
        oldest = self._session.ring_status().oldest_ticks
        return oldest if length is None or to_ticks(self.now - length) < oldest else None

    def resize_buffer(self, length: timedelta, max_bytes: int) -> None:
        """Keep so much from now on."""
        if self._folder is not None:
            with translated():
                self._session.resize_ring(length.total_seconds(), max_bytes)

    def flush_buffer(self, before: timedelta) -> None:
        """Forget what lies before a session time; pinned moments stay."""
        if self._folder is not None:
            with translated():
                self._session.flush_ring(to_ticks(before))

    async def note_game(self, game: str) -> None:
        """Write down, beside what is buffered, which game is played."""
        if self._folder is not None and self._facts is not None:
            self._facts = replace(self._facts, game=game)
            await asyncio.to_thread(self._folder.keep_facts, self._facts)

    async def start_recording(self, facts: FootageFacts) -> RecordingFootage:
        """Begin to record into a new file, in a folder of its own with the facts beside it."""
        return await self._record(facts, self._session.start_recording)

    def recording_progress(self) -> RecordingProgress:
        """How far the recording is."""
        stats = self._session.stats()
        return RecordingProgress(to_time(stats.recording_ticks), stats.recording_bytes)

    async def stop_recording(self) -> None:
        """Return when everything captured before the call is on the disk."""
        with translated():
            await self._session.stop_recording()

    async def pause_recording(self) -> None:
        """Record nothing more until it is resumed."""
        with translated():
            await self._session.pause_recording()

    async def resume_recording(self) -> None:
        """Go on with the paused recording."""
        with translated():
            await self._session.resume_recording()

    async def split_recording(self, facts: FootageFacts) -> RecordingFootage:
        """Go on in a new file, in a folder of its own; the old one is whole when this returns."""
        return await self._record(facts, self._session.split_recording)

    def set_draw_cursor(self, on: bool) -> None:
        """Show the pointer in the pictures, or do not."""
        with translated():
            self._session.set_draw_cursor(on)

    def set_rate_control(self, rate: RateControl) -> None:
        """Control the bitrate so from the next picture on."""
        with translated():
            self._session.set_rate_control(
                rate.mode.value, rate.crf or 0.0, rate.bitrate_kbps or 0, rate.max_bitrate_kbps or 0
            )

    async def preview_jpeg(self, max_width: int) -> bytes:
        """The newest picture."""
        with translated():
            return await self._session.preview_jpeg(max_width, JPEG_QUALITY)

    async def screenshot(self, kind: ImageFormat, quality: int, max_width: int) -> Screenshot:
        """The newest picture."""
        with translated():
            return to_screenshot(await self._session.screenshot(kind.value, quality=quality, max_width=max_width))

    def open_chunks(self) -> NativeChunkTap:
        """Read the session's own chunks."""
        with translated():
            return NativeChunkTap(self._session)

    async def open_preview(self, max_width: int) -> NativePreviewTap:
        """Watch, no wider than ``max_width`` pixels; 0 is half of the session's size."""
        with translated():  # in a thread, since the first viewer of a size waits for its encoder
            return await asyncio.to_thread(NativePreviewTap, self._session, max_width)

    async def stop(self) -> None:
        """End capture. What is buffered stays on the disk until it is taken or the server starts again."""
        with translated():
            await self._session.stop()
        if self._feeder is not None:
            await self._feeder.close()

    def take_buffer(self) -> RingFootage | None:
        """What the buffer of a session that is stopped has held."""
        if self._folder is None or self._facts is None:
            return None
        footage = RingFootage(self._folder, self._facts)
        self._place = self._folder = self._facts = None
        return footage

    async def _record(self, facts: FootageFacts, begin: Callable[[str], Awaitable[None]]) -> RecordingFootage:
        folder = RecordingFolder(self._recordings / LIVE / new_id("rec"))
        await asyncio.to_thread(_make, folder, facts)
        footage = RecordingFootage(folder, facts)
        try:
            with translated():
                await begin(footage.path)
        except BaseException:
            await footage.discard()
            raise
        return footage

    def _buffer(self) -> tuple[RingPlace, SessionFolder]:
        if self._place is None or self._folder is None:
            raise PreconditionError(
                "REPLAY_OFF",
                f"session {self._session_id!r} keeps no replay buffer",
                subject=f"sessions/{self._session_id}",
                remedy="start the replay buffer first",
            )
        return self._place, self._folder


def _make(folder: RecordingFolder, facts: FootageFacts) -> None:
    try:
        folder.prepare(facts)
    except OSError as error:
        raise UnavailableError(
            "CLIPS_DIR_UNUSABLE",
            f"{folder.path} cannot be made: {error.strerror}",
            remedy="make the clips folder writable, or set CLIPSHOT_CLIPS_DIR",
            metadata={"path": str(folder.path)},
        ) from error
