"""How much of a replay the one before it holds too."""

from datetime import timedelta

import pytest

from clipshot.core.capture.active_session import SavedRange


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


@pytest.mark.parametrize(
    ("start", "end", "overlap"),
    [(15, 45, 15), (0, 60, 20), (12, 20, 8), (30, 60, 0), (40, 70, 0), (0, 10, 0)],
)
def test_overlap_with_a_file_from_10_to_30(start: float, end: float, overlap: float) -> None:
    before = SavedRange(seconds(10), seconds(30))
    assert before.overlap(seconds(start), seconds(end)) == timedelta()
    before.mark_written()
    assert before.overlap(seconds(start), seconds(end)) == seconds(overlap)
