"""Changing clips: what may be changed, and from which state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clipshot.core.clips.changes import apply_changes, check_etag, etag_of, sealed
from clipshot.core.clips.clip import Clip, ClipOrigin, ClipVideo
from clipshot.core.errors import ConflictError, InvalidArgumentError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)

CLIP = sealed(
    Clip(
        clip_id="clp_1",
        session_id="ses_1",
        origin=ClipOrigin.REPLAY,
        title="Boss",
        create_time=NOW,
        update_time=NOW,
        start_time=NOW,
        session_start=timedelta(),
        duration=timedelta(seconds=30),
        size_bytes=1,
        path="/clips/boss.mp4",
        container="mp4",
        video=ClipVideo("h264", 1280, 720, 30.0, 900),
        etag="",
    )
)


def test_only_the_named_fields_change() -> None:
    wanted = replace(CLIP, title="Victory", favourite=True, rating=4)
    changed, names = apply_changes(CLIP, wanted, ["title", "rating"], LATER)
    assert names == ("title", "rating")
    assert (changed.title, changed.rating, changed.favourite) == ("Victory", 4, False)
    assert changed.update_time == LATER
    assert changed.etag == etag_of(changed) != CLIP.etag


def test_a_change_to_the_same_is_none() -> None:
    assert apply_changes(CLIP, CLIP, ["*"], LATER) == (CLIP, ())


def test_the_etag_may_ride_in_the_mask() -> None:
    changed, names = apply_changes(CLIP, replace(CLIP, title="New"), ["title", "etag"], LATER)
    assert names == ("title",)
    assert changed.title == "New"


@pytest.mark.parametrize("fields", [["path"], ["title", "clip_id"], ["state"], ["attributes.x"]])
def test_other_fields_are_refused(fields: list[str]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        apply_changes(CLIP, CLIP, fields, LATER)
    assert caught.value.reason == "FIELD_NOT_UPDATABLE"
    assert caught.value.violations[0].field == "update_mask"


@pytest.mark.parametrize("fields", [[], ["etag"]])
def test_a_change_of_nothing_is_refused(fields: list[str]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        apply_changes(CLIP, CLIP, fields, LATER)
    assert caught.value.reason == "UPDATE_MASK_EMPTY"


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (replace(CLIP, title="  "), "clip.title"),
        (replace(CLIP, rating=6), "clip.rating"),
        (replace(CLIP, tags=("a", "a")), "clip.tags"),
    ],
)
def test_impossible_values_are_refused(wanted: Clip, field: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        apply_changes(CLIP, wanted, ["*"], LATER)
    assert (caught.value.reason, caught.value.violations[0].field) == ("CLIP_NOT_VALID", field)


def test_an_etag_names_everything_that_can_be_seen() -> None:
    assert etag_of(CLIP) == etag_of(replace(CLIP, etag="other"))
    for other in (replace(CLIP, favourite=True), replace(CLIP, damaged=True), replace(CLIP, expire_time=NOW)):
        assert etag_of(other) != CLIP.etag


def test_the_game_can_be_told_later() -> None:
    changed, names = apply_changes(CLIP, replace(CLIP, game="Quake"), ["game"], LATER)
    assert (changed.game, names) == ("Quake", ("game",))


def test_an_old_etag_is_a_conflict() -> None:
    check_etag(CLIP, "")
    check_etag(CLIP, CLIP.etag)
    with pytest.raises(ConflictError) as caught:
        check_etag(CLIP, "0123456789abcdef")
    assert caught.value.reason == "ETAG_MISMATCH"
