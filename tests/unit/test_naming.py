"""File names made of what people call things."""

from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipshot.core.clips.naming import LONGEST_NAME_BYTES, default_title, file_names, safe_name

TIME = datetime(2026, 7, 3, 9, 5, 7)  # noqa: DTZ001 (file names are in local time)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Half-Life: Alyx", "Half-Life Alyx"),
        ("../../etc/passwd", "etc passwd"),
        (".hidden", "hidden"),
        ("trailing dots...", "trailing dots"),
        ("a\nb\tc\0d", "a b c d"),
        ("  ", "Clip"),
        ("...", "Clip"),
        ("", "Clip"),
        ("Zoë’s café", "Zoë’s café"),
        ("Zoe\u0308", "Zoë"),
        ("right\u202eto left", "right to left"),
    ],
)
def test_safe_names(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text(max_size=400))
def test_a_name_is_always_one_safe_path_component(text: str) -> None:
    name = safe_name(text)
    assert name
    assert "/" not in name
    assert "\0" not in name
    assert not name.startswith(".")
    assert len(name.encode()) <= LONGEST_NAME_BYTES
    assert safe_name(name) == name


def test_long_names_are_cut_between_characters() -> None:
    name = safe_name("é" * 200)
    assert name == "é" * 60


def test_files_are_sorted_by_day_and_numbered_where_a_name_is_taken() -> None:
    assert list(islice(file_names("Boss", TIME), 3)) == [
        "2026-07-03/Boss 09-05-07.mp4",
        "2026-07-03/Boss 09-05-07 (2).mp4",
        "2026-07-03/Boss 09-05-07 (3).mp4",
    ]


def test_default_titles_say_what_and_when() -> None:
    assert default_title("HDMI-1", TIME) == "HDMI-1 2026-07-03 09:05:07"
    assert default_title("", TIME) == "Clip 2026-07-03 09:05:07"
