"""The capture engine: the native core, in core's terms."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from clipshot.capture.audio import to_device, to_native
from clipshot.capture.health import TEST_BACKEND
from clipshot.capture.image import to_screenshot
from clipshot.capture.live_session import NativeLiveSession
from clipshot.capture.mss import backend as mss
from clipshot.capture.mss.backend import MssBackend
from clipshot.capture.mss.feeder import MssFeeder
from clipshot.capture.native_errors import to_core, translated
from clipshot.capture.ring_places import RingPlaces
from clipshot.core.capture.audio import AudioConfig, AudioDevices
from clipshot.core.capture.encoder import Encoder, RateControlMode, VideoConfig
from clipshot.core.capture.screenshot import ImageFormat, Screenshot
from clipshot.core.capture.source import Backend, Source, SourceKind
from clipshot_native import (
    EncoderInfo,
    NativeError,
    PushSource,
    Session,
    SourceInfo,
    list_audio_devices,
    list_backends,
    list_encoders,
    list_sources,
    take_screenshot,
)
from clipshot_native import VideoConfig as NativeVideoConfig

AUTO = "auto"
"""The setting CAPTURE_BACKEND that takes what works."""

PUSHED = "push"
"""The native backend and kind of the sources that we feed ourselves; nobody else can capture them."""

AUDIO_UNAVAILABLE = "AUDIO_UNAVAILABLE"
"""The native core's reason where no sound server answers."""


class NativeEngine:
    """Opens native sessions.

    ``backend`` is the setting CAPTURE_BACKEND; ``recordings`` is the folder below which each recording gets its own,
    on the file system of the clips.
    """

    def __init__(self, places: RingPlaces, recordings: Path, backend: str) -> None:
        self._places = places
        self._recordings = recordings
        self._backend = backend
        self._mss = MssBackend()

    async def sources(self) -> Sequence[Source]:
        """Everything that can be captured, the primary source first."""
        if self._backend == mss.NAME:
            return await self._mss.sources()
        with translated():
            found = await asyncio.to_thread(list_sources, self._backend)
        listed = (_source(info) for info in found if info.kind != PUSHED)
        sources = sorted(listed, key=lambda source: not source.primary)
        if self._backend == AUTO and all(source.kind is SourceKind.TEST for source in sources):
            return [*await self._mss.sources(), *sources]
        return sources

    async def backends(self) -> Sequence[Backend]:
        """Every backend, working or not."""
        with translated():
            found = await asyncio.to_thread(list_backends)
        native = [
            Backend(backend.name, backend.available, backend.reason) for backend in found if backend.name != PUSHED
        ]
        return [*native, await self._mss_status(native)]

    async def encoders(self) -> Sequence[Encoder]:
        """Encoders that encoded a real picture here, the best first."""
        with translated():
            return [_encoder(info) for info in await list_encoders()]

    async def screenshot(
        self, source: Source, kind: ImageFormat, quality: int, max_width: int, *, draw_cursor: bool
    ) -> Screenshot:
        """A picture of a source."""
        with translated():
            image = await take_screenshot(
                source.source_id, kind.value, quality=quality, max_width=max_width, draw_cursor=draw_cursor
            )
        return to_screenshot(image)

    async def audio_devices(self) -> AudioDevices:
        """What can be heard here, or why nothing can."""
        try:
            return AudioDevices(tuple(map(to_device, await list_audio_devices())))
        except NativeError as error:
            if error.reason != AUDIO_UNAVAILABLE:
                raise to_core(error) from error
            return AudioDevices((), str(error))

    async def open(
        self, source: Source, video: VideoConfig, audio: AudioConfig, *, session_id: str, draw_cursor: bool
    ) -> NativeLiveSession:
        """Begin to capture; ``video`` and ``audio`` are complete."""
        with translated():
            push = self._mss.push_source(source) if source.backend == mss.NAME else None
            session = await Session.start(
                source_id=push.source_id if push else source.source_id,
                video=_native_video(video),
                draw_cursor=draw_cursor,
                audio=to_native(audio),
            )
        feeder = None
        if push is not None:
            # After the start: pictures that nobody captures are refused, and end the feeder.
            feeder = await self._feed(session, push, source, video.fps or 0, draw_cursor=draw_cursor)
        return NativeLiveSession(session, session_id, self._places, self._recordings, feeder)

    async def _feed(
        self, session: Session, push: PushSource, source: Source, fps: int, *, draw_cursor: bool
    ) -> MssFeeder:
        async with AsyncExitStack() as undo:
            undo.push_async_callback(session.stop)
            feeder = await asyncio.to_thread(self._mss.feed, push, source, fps, draw_cursor=draw_cursor)
            undo.push_async_callback(feeder.close)
            await feeder.first_picture()
            undo.pop_all()
        return feeder

    async def _mss_status(self, native: Sequence[Backend]) -> Backend:
        """Looked into only where it may be needed: it reads the same screens as the others, by a process of its own."""
        others = any(backend.available and backend.name != TEST_BACKEND for backend in native)
        if others and self._backend != mss.NAME:
            return Backend(mss.NAME, True, mss.COST)
        return await self._mss.status()


def _source(info: SourceInfo) -> Source:
    return Source(
        source_id=info.source_id,
        kind=SourceKind(info.kind),
        title=info.title,
        backend=info.backend,
        width=info.width,
        height=info.height,
        refresh_hz=info.refresh_hz or None,
        primary=info.primary,
        application=info.application,
        pid=info.pid or None,
        x=info.x,
        y=info.y,
    )


def _encoder(info: EncoderInfo) -> Encoder:
    return Encoder(
        encoder_id=info.encoder_id,
        codec=info.codec,
        hardware=info.hardware,
        vendor=info.vendor,
        max_width=info.max_width,
        max_height=info.max_height,
        max_fps=info.max_fps,
        presets=tuple(info.presets),
        tunes=tuple(info.tunes),
        rate_controls=tuple(RateControlMode(mode) for mode in info.rate_controls),
        max_lookahead=info.max_lookahead,
    )


def _native_video(video: VideoConfig) -> NativeVideoConfig:
    rate = video.rate_control
    assert video.encoder is not None
    assert rate is not None
    assert video.keyframe_interval is not None
    return NativeVideoConfig(
        encoder=video.encoder,
        width=video.width or 0,
        height=video.height or 0,
        fps=video.fps or 0,
        rate_control=rate.mode.value,
        crf=rate.crf or 0.0,
        bitrate_kbps=rate.bitrate_kbps or 0,
        max_bitrate_kbps=rate.max_bitrate_kbps or 0,
        preset=video.preset or "",
        tune=video.tune or "",
        lookahead=video.lookahead_frames or 0,
        keyframe_seconds=video.keyframe_interval.total_seconds(),
    )
