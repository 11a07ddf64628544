"""Where session time is in a file that leaves pauses out, and what of it is marked there."""

from datetime import UTC, datetime, timedelta

import pytest

from clipshot.core.capture.chapters import chapters_of, clip_markers, markers_in
from clipshot.core.capture.marker import Marker, MarkerKind
from clipshot.core.capture.pauses import Pause, Pauses
from clipshot.core.capture.split_rule import SplitRule

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


PAUSES = Pauses((Pause(seconds(10), seconds(20)), Pause(seconds(30), seconds(35))))
"""Nothing was recorded from 10 to 20 and from 30 to 35."""


def marker(at: float, label: str = "", length: float = 0) -> Marker:
    return Marker(f"mrk_{at}", "ses_1", seconds(at), NOW, seconds(length), label, MarkerKind.USER, NOW)


@pytest.mark.parametrize(
    ("start", "end", "recorded"),
    [(0, 5, 5), (0, 15, 10), (0, 25, 15), (5, 40, 20), (12, 15, 0), (22, 28, 6), (9, 9, 0)],
)
def test_what_was_recorded_between_two_times(start: float, end: float, recorded: float) -> None:
    assert PAUSES.recorded(seconds(start), seconds(end)) == seconds(recorded)


@pytest.mark.parametrize(
    ("start", "length", "end"), [(0, 5, 5), (0, 10, 10), (0, 12, 22), (0, 20, 30), (0, 25, 40), (20, 5, 25)]
)
def test_the_end_of_a_file_in_session_time(start: float, length: float, end: float) -> None:
    assert PAUSES.end_of(seconds(start), seconds(length)) == seconds(end)


def test_a_pause_begins_and_ends() -> None:
    paused = Pauses().begun(seconds(3))
    assert paused.paused
    assert paused.hold(seconds(99))
    assert not paused.hold(seconds(2.9))
    going = paused.ended(seconds(5))
    assert not going.paused
    assert not going.hold(seconds(5))
    assert going.recorded(seconds(0), seconds(6)) == seconds(4)
    assert paused.recorded(seconds(0), seconds(6)) == seconds(3)


def test_markers_are_moved_up_and_those_of_a_pause_left_out() -> None:
    found = markers_in(
        [marker(25, "b"), marker(5, "a", 9), marker(15, "paused"), marker(-1, "before")], seconds(0), PAUSES
    )
    assert [each.label for each in found] == ["a", "b"]
    told = clip_markers(found, seconds(0), seconds(18), PAUSES)
    assert [(each.at, each.duration, each.label) for each in told] == [
        (seconds(5), seconds(9), "a"),
        (seconds(15), seconds(0), "b"),
    ]
    assert clip_markers(found, seconds(0), seconds(15), PAUSES)[-1].label == "a", (
        "what lies at the end is not in the file"
    )


def test_a_marker_lasts_no_longer_than_the_clip() -> None:
    (told,) = clip_markers([marker(4, "a", 60)], seconds(1), seconds(5), Pauses())
    assert (told.at, told.duration) == (seconds(3), seconds(2))


def test_of_two_markers_at_one_moment_the_later_names_the_chapter() -> None:
    chapters = chapters_of([marker(1, "a"), marker(1, "b"), marker(2, "")])
    assert [(each.start, each.title) for each in chapters] == [(seconds(1), "b"), (seconds(2), "")]


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        (SplitRule(), False),
        (SplitRule(max_duration=seconds(10)), True),
        (SplitRule(max_duration=seconds(10.1)), False),
        (SplitRule(max_size_bytes=1000), True),
        (SplitRule(seconds(60), 1000), True),
        (SplitRule(seconds(60), 1001), False),
    ],
)
def test_a_part_ends_at_the_first_of_its_limits(rule: SplitRule, due: bool) -> None:
    assert rule.is_due(seconds(10), 1000) is due
