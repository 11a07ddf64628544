"""Session times: ticks of the native core, timedeltas in core."""

from datetime import UTC, datetime, timedelta

from clipshot_native import TIMESCALE


def to_time(ticks: int) -> timedelta:
    """The session time of a number of ticks, to the microsecond."""
    return timedelta(microseconds=round(ticks * 1_000_000 / TIMESCALE))


def to_ticks(time: timedelta) -> int:
    """The number of ticks of a session time; of one that :func:`to_time` made, exactly those it was made of."""
    return round(time / timedelta(microseconds=1) * TIMESCALE / 1_000_000)


def wall_clock(unix_ns: int) -> datetime:
    """The UTC time of a number of nanoseconds since 1970, to the microsecond."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=unix_ns // 1000)
