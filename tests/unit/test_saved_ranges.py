"""What two saves of one session share, and where the next one begins."""

from datetime import timedelta

from clipshot.core.capture.saved_ranges import SavedRange, SavedRanges


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def ranges(*pairs: tuple[float, float | None]) -> tuple[SavedRanges, list[SavedRange]]:
    saved = SavedRanges()
    made = [SavedRange(seconds(start), None if end is None else seconds(end)) for start, end in pairs]
    for each in made:
        saved.add(each)
    return saved, made


def test_only_a_written_file_overlaps() -> None:
    saved, (first, second) = ranges((10, 40), (20, 50))
    assert saved.overlap(second) == timedelta()
    first.mark_written()
    assert saved.overlap(second) == seconds(20)
    assert saved.overlap(first) == timedelta()


def test_ranges_that_touch_do_not_overlap() -> None:
    saved, (first, second) = ranges((10, 40), (40, 50))
    first.mark_written()
    assert saved.overlap(second) == timedelta()


def test_the_next_begins_at_the_end_of_the_last_even_while_that_is_written() -> None:
    saved, (first, second) = ranges((0, 10), (0, 20))
    assert saved.last_end == seconds(20)
    saved.drop(second)
    assert saved.last_end == seconds(10)
    saved.drop(first)
    assert saved.last_end is None


def test_a_save_that_still_goes_on_is_nowhere_ended() -> None:
    saved, (_, going) = ranges((0, 10), (5, None))
    assert saved.last_end == seconds(10)
    going.cover(seconds(5), seconds(25))
    assert saved.last_end == seconds(25)


def test_a_dropped_save_shares_nothing() -> None:
    saved, (first, second) = ranges((0, 10), (5, 15))
    first.mark_written()
    saved.drop(second)
    assert saved.overlap(second) == timedelta()
