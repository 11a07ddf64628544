"""Names of screenshots."""

from datetime import UTC, datetime
from itertools import islice

from clipshot.core.capture.screenshot import ImageFormat
from clipshot.core.capture.screenshots import file_names

TIME = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)


def test_names_say_what_and_when_and_are_never_taken_twice() -> None:
    names = file_names("Screen: 1/2", TIME, ImageFormat.JPEG)
    assert list(islice(names, 3)) == [
        "screenshots/Screen 1 2 2026-11-25 01-02-03.jpg",
        "screenshots/Screen 1 2 2026-11-25 01-02-03 (2).jpg",
        "screenshots/Screen 1 2 2026-11-25 01-02-03 (3).jpg",
    ]


def test_no_title_leads_out_of_the_folder() -> None:
    assert next(file_names("../../etc/passwd", TIME, ImageFormat.PNG)) == (
        "screenshots/etc passwd 2026-11-25 01-02-03.png"
    )
