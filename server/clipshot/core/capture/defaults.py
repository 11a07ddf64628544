"""What a session takes where its caller names nothing."""

from dataclasses import dataclass, field
from datetime import timedelta

from clipshot.core.capture.audio import NO_SOUND, AudioConfig
from clipshot.core.capture.encoder import RateControl, RateControlMode

FAST_CORES = 4
"""From here on a software encoder keeps up with 60 pictures a second beside what is captured."""


@dataclass(frozen=True)
class VideoDefaults:
    """How pictures are encoded: pictures a second, CRF 0..51 (lower is better), bitrates in kbit/s."""

    fps: int = 60
    mode: RateControlMode = RateControlMode.CRF
    crf: float = 23.0
    bitrate_kbps: int = 12_000
    max_bitrate_kbps: int = 20_000
    preset: str = "superfast"

    def complete(self, asked: RateControl) -> RateControl:
        """What is asked, with what else its mode needs."""
        target = asked.bitrate_kbps or self.bitrate_kbps
        match asked.mode:
            case RateControlMode.CRF:
                return RateControl(
                    asked.mode,
                    crf=self.crf if asked.crf is None else asked.crf,
                    max_bitrate_kbps=asked.max_bitrate_kbps or self.max_bitrate_kbps,
                )
            case RateControlMode.CBR:
                return RateControl(asked.mode, bitrate_kbps=target)
            case RateControlMode.VBR:
                cap = asked.max_bitrate_kbps or max(self.max_bitrate_kbps, target * 3 // 2)
                return RateControl(asked.mode, bitrate_kbps=target, max_bitrate_kbps=cap)

    @property
    def rate_control(self) -> RateControl:
        """The bitrate where nobody asks for one."""
        return self.complete(RateControl(self.mode))


@dataclass(frozen=True)
class CaptureDefaults:
    """Settings of sessions: length and most bytes of a replay buffer, the video, and what is heard.

    ``frozen_after`` is how long a picture may stand still before that is a finding; zero never calls it one.
    """

    replay_duration: timedelta
    replay_max_bytes: int
    video: VideoDefaults = field(default_factory=VideoDefaults)
    audio: AudioConfig = NO_SOUND
    frozen_after: timedelta = timedelta()
