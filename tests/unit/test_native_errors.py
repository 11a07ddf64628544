"""Each failure that the native core can name becomes one error of core."""

import re
from pathlib import Path

import pytest

from clipshot.capture.native_errors import to_core, translated
from clipshot.core.errors import ErrorKind, InvalidArgumentError, PreconditionError
from clipshot_native import NativeError

TABLE = {
    "DISPLAY_UNAVAILABLE": (ErrorKind.PRECONDITION, "DISPLAY_UNAVAILABLE"),
    "SOURCE_NOT_FOUND": (ErrorKind.PRECONDITION, "SOURCE_NOT_FOUND"),
    "SOURCE_LOST": (ErrorKind.PRECONDITION, "SOURCE_LOST"),
    "AUDIO_UNAVAILABLE": (ErrorKind.PRECONDITION, "AUDIO_UNAVAILABLE"),
    "BACKEND_UNAVAILABLE": (ErrorKind.PRECONDITION, "BACKEND_UNAVAILABLE"),
    "ENCODER_UNAVAILABLE": (ErrorKind.PRECONDITION, "ENCODER_UNAVAILABLE"),
    "INVALID_CONFIG": (ErrorKind.INVALID, "VIDEO_NOT_POSSIBLE"),
    "NO_SPACE": (ErrorKind.EXHAUSTED, "NO_SPACE"),
    "RING_EMPTY": (ErrorKind.PRECONDITION, "REPLAY_EMPTY"),
    "RING_OFF": (ErrorKind.PRECONDITION, "REPLAY_OFF"),
    "NOT_RECORDING": (ErrorKind.PRECONDITION, "NOT_RECORDING"),
    "ALREADY_RECORDING": (ErrorKind.PRECONDITION, "ALREADY_RECORDING"),
    "ALREADY_EXISTS": (ErrorKind.ALREADY_EXISTS, "FILE_EXISTS"),
    "BROKEN_FILE": (ErrorKind.PRECONDITION, "FOOTAGE_BROKEN"),
    "CANCELLED": (ErrorKind.CANCELLED, "CANCELLED"),
    "CLOSED": (ErrorKind.PRECONDITION, "SESSION_ENDED"),
    "IO": (ErrorKind.UNAVAILABLE, "FILE_UNUSABLE"),
    "INTERNAL": (ErrorKind.INTERNAL, "CAPTURE_FAULT"),
}


def native(reason: str, field: str = "") -> NativeError:
    error = NativeError("it failed")
    error.reason, error.field = reason, field
    return error


@pytest.mark.parametrize("reason", TABLE)
def test_each_reason_has_its_error(reason: str) -> None:
    error = to_core(native(reason))
    assert (error.kind, error.reason) == TABLE[reason]
    assert "it failed" in error.message
    assert error.remedy or not isinstance(error, PreconditionError)


def test_the_table_is_that_of_the_native_core() -> None:
    stub = Path(__file__).resolve().parents[2] / "server/clipshot_native/_core.pyi"
    listed = stub.read_text().split("``reason`` is one of ")[1].split(".")[0]
    assert set(re.findall(r"[A-Z_]+", listed)) == set(TABLE)


@pytest.mark.parametrize(
    ("field", "named"),
    [("fps", "video.fps"), ("crf", "video.rate_control.crf"), ("keyframe_seconds", "video.keyframe_interval")],
)
def test_fields_are_named_as_in_requests(field: str, named: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught, translated():
        raise native("INVALID_CONFIG", field)
    assert caught.value.violations[0].field == named
