"""Capture: the engine, the sessions over it, and what a crash left of them."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from clipshot.capture.engine import NativeEngine
from clipshot.capture.leftovers import CrashLeftovers
from clipshot.capture.ring_places import RingPlaces
from clipshot.core.capture.audio import AudioConfig, inputs_of
from clipshot.core.capture.defaults import FAST_CORES, CaptureDefaults, VideoDefaults
from clipshot.core.capture.encoder import RateControlMode
from clipshot.core.capture.service import CaptureService
from clipshot.core.recovery import Recovery
from clipshot.settings import Settings
from clipshot.wiring.foundation import Foundation
from clipshot.wiring.library import Library


@dataclass(frozen=True)
class Recorder:
    """Sessions, and the footage that a crash left."""

    engine: NativeEngine
    capture: CaptureService
    recovery: Recovery
    ring_folder: Path

    @classmethod
    def build(cls, base: Foundation, library: Library, settings: Settings) -> "Recorder":
        """A recorder whose footage goes into the library."""
        recordings = settings.clips_dir / ".recording"
        places = RingPlaces.of_system(settings.data_dir, settings.temp_dir)
        engine = NativeEngine(places, recordings, settings.capture_backend)
        capture = CaptureService(
            base.store,
            engine,
            base.operations,
            library.maker,
            library.files,
            base.bus,
            base.keeper,
            base.tokens,
            capture_defaults(settings),
            base.clock,
        )
        leftovers = CrashLeftovers(places, recordings, settings.data_dir / "damaged")
        recovery = Recovery(base.store, leftovers, base.operations, library.maker, base.clock)
        return cls(engine, capture, recovery, places.base(settings.replay_max_bytes))


def capture_defaults(settings: Settings) -> CaptureDefaults:
    """What sessions take where their callers name nothing."""
    cores = os.cpu_count() or 1
    return CaptureDefaults(
        replay_duration=timedelta(seconds=settings.replay_seconds),
        replay_max_bytes=settings.replay_max_bytes,
        video=VideoDefaults(
            fps=settings.video_fps or (60 if cores >= FAST_CORES else 30),
            mode=RateControlMode(settings.video_rate_control),
            crf=settings.video_crf,
            bitrate_kbps=settings.video_bitrate_kbps,
            max_bitrate_kbps=settings.video_max_bitrate_kbps,
            preset=settings.video_preset,
        ),
        audio=AudioConfig(inputs_of(settings.audio_inputs), settings.audio_bitrate_kbps),
        frozen_after=timedelta(seconds=settings.frozen_after),
    )
