"""File names made of what people call things, and of the templates that say how."""

from datetime import datetime
from itertools import islice
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipshot.core.clips.clip import ClipOrigin
from clipshot.core.clips.clip_names import ClipNames, NamedClip
from clipshot.core.clips.name_template import FIELDS, LONGEST_STEM_BYTES, MOST_FOLDERS, parse_folders, parse_name
from clipshot.core.clips.naming import LONGEST_NAME_BYTES, default_title, numbered_title, safe_name

TIME = datetime(2026, 7, 3, 9, 5, 7)  # noqa: DTZ001 (file names are in local time)

FORBIDDEN = set('/\\:*?"<>|') | {chr(code) for code in range(32)}
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "123456789")}


def clip(title: str = "Boss", game: str = "", source_title: str = "HDMI-1") -> NamedClip:
    return NamedClip(title, source_title, game, ClipOrigin.REPLAY, "ses_1", TIME)


def first(names: ClipNames, named: NamedClip) -> str:
    return next(names.candidates(named))


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
        ("con", "_con"),
        ("LPT1.txt", "_LPT1.txt"),
        ("Console", "Console"),
    ],
)
def test_safe_names(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text(max_size=400))
def test_a_name_is_always_one_safe_path_component(text: str) -> None:
    name = safe_name(text)
    assert_safe(name)
    assert len(name.encode()) <= LONGEST_NAME_BYTES
    assert safe_name(name) == name


def test_long_names_are_cut_between_characters() -> None:
    name = safe_name("é" * 200)
    assert name == "é" * 60


def test_files_are_sorted_by_day_and_numbered_where_a_name_is_taken() -> None:
    assert list(islice(ClipNames.of().candidates(clip()), 3)) == [
        "2026-07-03/Boss 09-05-07.mp4",
        "2026-07-03/Boss 09-05-07 (2).mp4",
        "2026-07-03/Boss 09-05-07 (3).mp4",
    ]


def test_each_game_has_a_folder() -> None:
    assert first(ClipNames.of(), clip(game="../Quake: 3")) == "Quake 3/Boss 09-05-07.mp4"


@pytest.mark.parametrize(
    ("name", "folder", "path"),
    [
        ("{date} {title}", "", "2026-07-03 Boss.mp4"),
        ("{game} - {title}", "{year}/{month}/{day}", "2026/07/03/Boss.mp4"),
        ("{source|title}_{hour}{minute}{second}", "{origin}", "replay/HDMI-1_090507.mp4"),
        ("{title} {counter}", "{session}", "ses_1/Boss 001.mp4"),
        ("...", "../{game}//..", "Clip.mp4"),
        ("plain", ".recording/x", "recording/x/plain.mp4"),
    ],
)
def test_templates_say_where_files_go(name: str, folder: str, path: str) -> None:
    assert first(ClipNames.of(name, folder), clip()) == path


def test_the_counter_takes_the_place_of_the_number() -> None:
    names = ClipNames.of("{title} {counter}", "")
    assert list(islice(names.candidates(clip()), 2)) == ["Boss 001.mp4", "Boss 002.mp4"]


def test_the_time_is_kept_where_the_title_is_too_long() -> None:
    name = first(ClipNames.of(), clip("é" * 200)).removesuffix(".mp4")
    assert name.endswith("é 09-05-07")
    assert len(name.partition("/")[2].encode()) <= LONGEST_STEM_BYTES


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{titel}", "'titel'"),
        ("{title|}", "no field ''"),
        ("{title!r}", "no field"),
        ("{title:>9999999}", "no field"),
        ("{title", "brace"),
        ("{{title}}", "brace"),
        ("a/b", "CLIP_FOLDER_TEMPLATE"),
        ("  ", "empty"),
    ],
)
def test_what_is_no_name_template_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("'", ".")):
        parse_name(text)


def test_what_is_no_folder_template_is_refused() -> None:
    for text in ("{day}/{counter}", "/".join("a" * (MOST_FOLDERS + 2)), "{nothing}"):
        with pytest.raises(ValueError, match=r"counter|folders|nothing"):
            parse_folders(text)
    assert parse_folders("").text == ""


_PIECES = st.lists(st.one_of(st.text("ab ./\\-_:", max_size=5), st.sampled_from([f"{{{name}}}" for name in FIELDS])))


@given(
    _PIECES.map("".join).filter(lambda text: text.strip() and "/" not in text),
    _PIECES.map("".join).filter(lambda text: "{counter}" not in text and text.count("/") < MOST_FOLDERS),
    st.text(max_size=300),
    st.text(max_size=300),
    st.text(max_size=300),
)
def test_no_template_and_no_text_leads_out_of_the_folder(
    name: str, folder: str, title: str, game: str, source: str
) -> None:
    for path in islice(ClipNames.of(name, folder).candidates(clip(title, game, source)), 3):
        *folders, file = PurePosixPath(path).parts
        assert path == "/".join((*folders, file))
        assert len(folders) <= MOST_FOLDERS
        for part in (*folders, file):
            assert_safe(part)
            assert len(f"{part}.part".encode()) <= 143


def assert_safe(name: str) -> None:
    """A name that every file system in use takes as it is."""
    assert name
    assert not FORBIDDEN & set(name)
    assert not name.startswith((".", "-", " "))
    assert not name.endswith((".", " "))
    assert name.partition(".")[0].rstrip().upper() not in DEVICES


def test_default_titles_say_what_and_when() -> None:
    assert default_title("HDMI-1", TIME) == "HDMI-1 2026-07-03 09:05:07"
    assert default_title("", TIME) == "Clip 2026-07-03 09:05:07"


def test_parts_after_the_first_are_numbered() -> None:
    assert [numbered_title("Match", part) for part in (1, 2, 10)] == ["Match", "Match, part 2", "Match, part 10"]
