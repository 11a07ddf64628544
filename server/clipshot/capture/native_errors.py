"""Failures of the native core in the terms of core: the only place where they are translated."""

from collections.abc import Iterator
from contextlib import contextmanager

from clipshot.core.errors import (
    AlreadyExistsError,
    CancelledOperationError,
    ClipShotError,
    InternalError,
    InvalidArgumentError,
    PreconditionError,
    ResourceExhaustedError,
    UnavailableError,
)
from clipshot_native import NativeError

_FIELDS = {
    "crf": "rate_control.crf",
    "rate_control": "rate_control.mode",
    "bitrate_kbps": "rate_control.bitrate_kbps",
    "max_bitrate_kbps": "rate_control.max_bitrate_kbps",
    "lookahead": "lookahead_frames",
    "keyframe_seconds": "keyframe_interval",
}
"""Native names of fields that requests call otherwise."""

_AUDIO_FIELDS = frozenset({"inputs", "device_id", "label", "gain_db"})
"""Native names of fields that are about sound; its bitrate is checked before it comes here."""

_PRECONDITIONS = {
    "DISPLAY_UNAVAILABLE": (
        "DISPLAY_UNAVAILABLE",
        "start the server inside a graphical session, or set DISPLAY; the source test:clock needs no display",
    ),
    "SOURCE_NOT_FOUND": ("SOURCE_NOT_FOUND", "list the sources and take one of them"),
    "SOURCE_LOST": ("SOURCE_LOST", "start a session on another source"),
    "BACKEND_UNAVAILABLE": (
        "BACKEND_UNAVAILABLE",
        "list the sources to see which backends work, and why others do not",
    ),
    "ENCODER_UNAVAILABLE": ("ENCODER_UNAVAILABLE", "list the encoders and take one of them"),
    "AUDIO_UNAVAILABLE": ("AUDIO_UNAVAILABLE", "start PulseAudio or PipeWire, or set PULSE_SERVER"),
    "RING_EMPTY": ("REPLAY_EMPTY", "wait until the first pictures are captured"),
    "RING_OFF": ("REPLAY_OFF", "start the replay buffer first"),
    "NOT_RECORDING": ("NOT_RECORDING", "start a recording first"),
    "ALREADY_RECORDING": ("ALREADY_RECORDING", "stop the recording first"),
    "BROKEN_FILE": ("FOOTAGE_BROKEN", "nothing in the file can be read"),
    "CLOSED": ("SESSION_ENDED", "start a new session"),
}
"""Reasons of core, with what to do."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise a ClipShotError for each NativeError of the block."""
    try:
        yield
    except NativeError as error:
        raise to_core(error) from error


def to_core(error: NativeError) -> ClipShotError:
    """The error that callers are told."""
    message = str(error)
    match error.reason:
        case "INVALID_CONFIG":
            if error.field in _AUDIO_FIELDS:
                field = f"audio.{error.field}"
                return InvalidArgumentError.of_field(field, message, reason="AUDIO_NOT_POSSIBLE")
            field = f"video.{_FIELDS.get(error.field, error.field)}"
            return InvalidArgumentError.of_field(field, message, reason="VIDEO_NOT_POSSIBLE")
        case "NO_SPACE":
            return ResourceExhaustedError(
                "NO_SPACE",
                f"the disk is full: {message}",
                remedy="delete clips or make room on the disk",
                metadata={"limit": "disk space"},
            )
        case "ALREADY_EXISTS":
            return AlreadyExistsError("FILE_EXISTS", message)
        case "CANCELLED":
            return CancelledOperationError("CANCELLED", message)
        case "IO":
            return UnavailableError("FILE_UNUSABLE", message)
        case reason if reason in _PRECONDITIONS:
            name, remedy = _PRECONDITIONS[reason]
            return PreconditionError(name, message, subject="capture", remedy=remedy)
        case _:
            return InternalError("CAPTURE_FAULT", message)
