"""Sound devices and tracks of the native core, in core's terms."""

from datetime import timedelta

from clipshot.core.capture.audio import AudioConfig, AudioDevice, AudioKind, AudioTrack
from clipshot_native import AudioConfig as NativeConfig
from clipshot_native import AudioDevice as NativeDevice
from clipshot_native import AudioInput as NativeInput
from clipshot_native import AudioTrackStatus


def to_device(device: NativeDevice) -> AudioDevice:
    """A device."""
    return AudioDevice(
        device_id=device.device_id,
        kind=AudioKind(device.kind),
        title=device.title,
        is_default=device.default,
        channels=device.channels,
        sample_rate_hz=device.sample_rate_hz,
        application=device.application,
        pid=device.pid or None,
    )


def to_track(status: AudioTrackStatus) -> AudioTrack:
    """A track as it stands; the native core counts from 0."""
    return AudioTrack(
        track=status.index + 1,
        label=status.label,
        device_id=status.device_id,
        mixdown=status.mixdown,
        gain_db=status.gain_db,
        muted=status.muted,
        connected=status.connected,
        peak_dbfs=status.peak_dbfs,
        rms_dbfs=status.rms_dbfs,
        silent=timedelta(seconds=status.silent_seconds),
        drift_ppm=status.drift_ppm,
        latency=timedelta(milliseconds=status.latency_ms),
    )


def to_native(audio: AudioConfig) -> NativeConfig | None:
    """What is to be heard; None where nothing is."""
    if not audio.inputs:
        return None
    assert audio.bitrate_kbps is not None
    inputs = [
        NativeInput(entry.device_id, label=entry.label, gain_db=entry.gain_db, muted=entry.muted)
        for entry in audio.inputs
    ]
    return NativeConfig(inputs, bitrate_kbps=audio.bitrate_kbps)
