"""How figures, times and foreign texts read for people."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.duration_pb2 import Duration
    from google.protobuf.timestamp_pb2 import Timestamp

_UNITS = ("KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def plain(text: str) -> str:
    """Foreign text as text: characters that could steer a terminal are shown as a replacement character."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def length(duration: "Duration") -> str:
    """A duration: ``0.35 s``, ``30.0 s``, ``1:05 min``, ``2:03:04 h``."""
    seconds = duration.seconds + duration.nanos / 1e9
    if abs(seconds) < 1:
        return f"{seconds:.2f} s"
    if abs(seconds) < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02} h"


def exact(duration: "Duration") -> str:
    """A media time to the millisecond: ``12.345 s``."""
    return f"{duration.seconds + duration.nanos / 1e9:.3f} s"


def size(count: float) -> str:
    """A number of bytes: ``512 B``, ``12.3 MiB``."""
    if abs(count) < _STEP:
        return f"{count:.0f} B"
    power = 0
    while abs(count) >= _STEP and power < len(_UNITS):
        count /= _STEP
        power += 1
    return f"{count:.1f} {_UNITS[power - 1]}"


def when(time: "Timestamp") -> str:
    """A point in time, in the time zone of whoever reads it: ``2026-03-01 14:05:09``."""
    return local(time).strftime("%Y-%m-%d %H:%M:%S")


def clock(time: "Timestamp") -> str:
    """The time of day to the millisecond: ``14:05:09.123``."""
    return local(time).strftime("%H:%M:%S.%f")[:-3]


def local(time: "Timestamp") -> datetime:
    """A point in time in the local time zone."""
    return time.ToDatetime(tzinfo=UTC).astimezone()
