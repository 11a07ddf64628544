"""What a session hears: devices, what of them is recorded, and the tracks while it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

DEFAULT_BITRATE_KBPS = 160
"""Of each AAC track in stereo: no difference to the original is heard in games, voices and most music."""


class AudioKind(StrEnum):
    """What a device gives."""

    OUTPUT = "output"
    INPUT = "input"
    APPLICATION = "application"


@dataclass(frozen=True)
class AudioDevice:
    """Something that can be heard. ``pid`` is that of the application, None when unknown."""

    device_id: str
    kind: AudioKind
    title: str
    is_default: bool
    channels: int
    sample_rate_hz: int
    application: str
    pid: int | None


@dataclass(frozen=True)
class AudioDevices:
    """What can be heard here; ``unavailable_reason`` says what to do where nothing can."""

    devices: tuple[AudioDevice, ...]
    unavailable_reason: str = ""


@dataclass(frozen=True)
class AudioInput:
    """One device to record; ``label`` '' is the device's name, ``gain_db`` in decibels."""

    device_id: str
    label: str = ""
    gain_db: float = 0.0
    muted: bool = False


@dataclass(frozen=True)
class AudioConfig:
    """What is heard, a track each, and the bitrate of each in kbit/s (None: the server's default).

    No inputs mean no sound. Before the tracks of two or more inputs comes one with their mix.
    """

    inputs: tuple[AudioInput, ...] = ()
    bitrate_kbps: int | None = None


@dataclass(frozen=True)
class AudioTrack:
    """One sound track of a session. ``track`` counts from 1; levels are dB below full scale over the last second."""

    track: int
    label: str
    device_id: str
    mixdown: bool
    gain_db: float
    muted: bool
    connected: bool
    peak_dbfs: float
    rms_dbfs: float
    silent: timedelta
    drift_ppm: float
    latency: timedelta


NO_SOUND = AudioConfig(bitrate_kbps=DEFAULT_BITRATE_KBPS)
"""Nothing is heard."""


def complete_audio(asked: AudioConfig | None, default: AudioConfig) -> AudioConfig:
    """What is ``asked`` with what it leaves open taken from ``default``."""
    if asked is None:
        return default
    if asked.bitrate_kbps is None:
        return AudioConfig(asked.inputs, default.bitrate_kbps)
    return asked


def differing_audio(asked: AudioConfig | None, running: AudioConfig) -> tuple[str, ...]:
    """Names of the fields that are asked for and differ from those of a running session, as in requests."""
    if asked is None:
        return ()
    names = []
    if asked.inputs != running.inputs:
        names.append("audio.inputs")
    if asked.bitrate_kbps not in (None, running.bitrate_kbps):
        names.append("audio.bitrate_kbps")
    return tuple(names)


def inputs_of(device_ids: Sequence[str]) -> tuple[AudioInput, ...]:
    """Inputs with nothing but their devices."""
    return tuple(map(AudioInput, device_ids))
