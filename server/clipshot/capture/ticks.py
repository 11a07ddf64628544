"""Session times: ticks of the native core, timedeltas in core."""

from datetime import UTC, datetime, timedelta

from clipshot_native import TIMESCALE


def to_time(ticks: int) -> timedelta:
    """The session time of a number of ticks, to the microsecond."""
    return timedelta(microseconds=round(ticks * 1_000_000 / TIMESCALE))


def wall_clock(unix_ns: int) -> datetime:
    """The UTC time of a number of nanoseconds since 1970, to the microsecond."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=unix_ns // 1000)
