"""Figures read well for people."""

from datetime import timedelta

import pytest
from google.protobuf.duration_pb2 import Duration

from clipshot.cli.wording import exact, length, size


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0.00 s"), (0.35, "0.35 s"), (30, "30.0 s"), (59.97, "1:00 min"), (65, "1:05 min"), (7384, "2:03:04 h")],
)
def test_length(seconds: float, told: str) -> None:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    assert length(duration) == told


def test_exact_is_to_the_millisecond() -> None:
    assert exact(Duration(seconds=12, nanos=345_600_000)) == "12.346 s"


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (12_900_000, "12.3 MiB"),
        (2**40, "1.0 TiB"),
        (2**52, "4096.0 TiB"),
    ],
)
def test_size(count: int, told: str) -> None:
    assert size(count) == told
