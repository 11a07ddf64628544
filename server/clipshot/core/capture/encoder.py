"""Encoders, what they can do, and how a session wants its pictures encoded."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class RateControlMode(StrEnum):
    """A way to control the bitrate."""

    CRF = "crf"
    CBR = "cbr"
    VBR = "vbr"


@dataclass(frozen=True)
class RateControl:
    """How the bitrate is controlled: CRF 0..51 (lower is better), bitrates in kbit/s."""

    mode: RateControlMode = RateControlMode.CRF
    crf: float | None = None
    bitrate_kbps: int | None = None
    max_bitrate_kbps: int | None = None


@dataclass(frozen=True)
class Encoder:
    """An encoder that encoded a real picture here. Sizes in pixels, lookahead in pictures."""

    encoder_id: str
    codec: str
    hardware: bool
    vendor: str
    max_width: int
    max_height: int
    max_fps: int
    presets: tuple[str, ...]
    tunes: tuple[str, ...]
    rate_controls: tuple[RateControlMode, ...]
    max_lookahead: int


@dataclass(frozen=True)
class VideoConfig:
    """How pictures are encoded; None takes the server's default. Sizes in pixels, even."""

    encoder: str | None = None
    width: int | None = None
    height: int | None = None
    fps: int | None = None
    rate_control: RateControl | None = None
    preset: str | None = None
    tune: str | None = None
    lookahead_frames: int | None = None
    keyframe_interval: timedelta | None = None
