"""What a session takes where its caller names nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from clipshot.core.capture.audio import DEFAULT_BITRATE_KBPS, NO_SOUND, AudioConfig, inputs_of

FAST_CORES = 4
"""From here on a software encoder keeps up with 60 pictures a second beside what is captured."""


@dataclass(frozen=True)
class CaptureDefaults:
    """Settings of sessions: length and most bytes of a replay buffer, pictures a second, what is heard.

    ``frozen_after`` is how long a picture may stand still before that is a finding; zero never calls it one.
    """

    replay_duration: timedelta
    replay_max_bytes: int
    fps: int
    frozen_after: timedelta = timedelta()
    audio: AudioConfig = NO_SOUND

    @classmethod
    def of_machine(
        cls,
        *,
        replay_duration: timedelta,
        replay_max_bytes: int,
        cores: int,
        frozen_after: timedelta = timedelta(),
        audio_inputs: Sequence[str] = (),
        audio_bitrate_kbps: int = DEFAULT_BITRATE_KBPS,
    ) -> "CaptureDefaults":
        """The defaults for a machine with so many processor cores; ``audio_inputs`` are ids of sound devices."""
        audio = AudioConfig(inputs_of(audio_inputs), audio_bitrate_kbps)
        return cls(replay_duration, replay_max_bytes, 60 if cores >= FAST_CORES else 30, frozen_after, audio)
