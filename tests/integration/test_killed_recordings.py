"""kill -9 while a recording is paused, right after a split, and while a save still goes on after its call."""

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from clipshot.core.clips.clip import ClipOrigin
from clipshot.core.events import payloads
from clipshot.core.operations.operation import OperationState
from tests.integration.crashes import by_origin, kill, leftovers, recovered, run_until_told
from tests.integration.films import film
from tests.integration.studio import studio_in
from tests.native import counter

FRAME = timedelta(seconds=1 / 30)


async def killed(folder: Path, what: str) -> dict[str, str]:
    """What a server said before it was killed."""
    process, line = await run_until_told(folder, what)
    await kill(process)
    known: dict[str, str] = json.loads(line)
    return known


async def test_a_paused_recording_comes_back_without_a_gap_and_with_its_markers(tmp_path: Path) -> None:
    known = await killed(tmp_path, "pause")
    async with studio_in(tmp_path) as studio:
        (clip,) = await recovered(studio)
        assert clip.origin is ClipOrigin.RECOVERED
        assert clip.title == "Match"
        assert clip.duration.total_seconds() == pytest.approx(float(known["recorded"]), abs=0.05)
        assert film(clip.path).frames == clip.video.frames
        first, second = clip.markers
        assert (first.label, second.label) == ("First", "Second")
        # Set 2 s of the session apart, of which at least 1.2 s were left out.
        assert timedelta(seconds=0.3) < second.at - first.at < timedelta(seconds=1.2)
        assert second.at < clip.duration
        assert leftovers(studio) == []


async def test_all_parts_come_back_and_none_twice(tmp_path: Path) -> None:
    known = await killed(tmp_path, "split")
    async with studio_in(tmp_path) as studio:
        clips = sorted(await recovered(studio), key=lambda clip: clip.session_start)
        assert [clip.title for clip in clips] == ["Match", "Match, part 2", "Match, part 3"]
        assert {clip.session_id for clip in clips} == {known["session_id"]}
        assert {clip.game for clip in clips} == {"Quake"}
        assert [[marker.label for marker in clip.markers] for clip in clips] == [["Part 1"], ["Part 2"], ["Part 3"]]
        for before, after in pairwise(clips):
            assert abs(after.session_start - (before.session_start + before.duration)) < timedelta(microseconds=50)
        shown = [picture.counter for clip in clips for picture in counter.read(clip.path)]
        assert shown == sorted(set(shown))
        assert sum(clip.video.frames for clip in clips) >= int(known["encoded"]) - clips[0].session_start / FRAME - 1
        assert leftovers(studio) == []
    async with studio_in(tmp_path) as again:
        assert len(await recovered(again)) == 3


async def test_the_moment_of_a_save_that_still_went_on_is_a_clip(tmp_path: Path) -> None:
    known = await killed(tmp_path, "post_roll")
    async with studio_in(tmp_path) as studio:
        clips = await recovered(studio)
        (replay,) = by_origin(clips, ClipOrigin.REPLAY)
        (ring,) = by_origin(clips, ClipOrigin.RECOVERED)
        assert timedelta(seconds=1) - FRAME <= replay.duration < timedelta(seconds=1.5)
        assert [marker.label for marker in replay.markers] == ["Goal"]
        assert [marker.label for marker in ring.markers] == ["Goal"]
        assert ring.duration > timedelta(seconds=2.4)
        operation = await studio.operations.get(known["operation_id"])
        assert operation.state is OperationState.SUCCEEDED, operation.error
        assert len(await studio.told(payloads.ReplaySaved)) == 1
        assert leftovers(studio) == []


async def test_of_two_pins_of_one_save_the_longer_counts(tmp_path: Path) -> None:
    """As if the kill had come between the second pin and the removal of the first."""
    known = await killed(tmp_path, "post_roll")
    (pin,) = tmp_path.glob(f"temp/*/live/*/pins/{known['operation_id']}")
    pin.rename(pin.with_name(f"{pin.name}.2"))
    pin.mkdir()
    async with studio_in(tmp_path) as studio:
        clips = await recovered(studio)
        assert len(by_origin(clips, ClipOrigin.REPLAY)) == 1
        assert (await studio.operations.get(known["operation_id"])).state is OperationState.SUCCEEDED
        assert leftovers(studio) == []
