"""kill -9, at any moment: at the next start everything is a clip again, once."""

import asyncio
import contextlib
import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from clipshot.capture.facts_json import plan_to_json
from clipshot.core.capture.footage import ClipPlan
from clipshot.core.capture.session import Session, SessionMode, SessionState
from clipshot.core.clips.clip import Clip, ClipOrigin
from clipshot.core.events import payloads
from clipshot.core.operations.operation import OperationState
from clipshot.core.paging import PageRequest
from clipshot.core.store import OperationFilter
from clipshot_native import recover_recording
from tests.integration.crashes import by_origin, kill, leftovers, recovered, run_until_told
from tests.integration.films import film
from tests.integration.studio import Studio, studio_in

FRAME = timedelta(seconds=1 / 30)


@dataclass(frozen=True)
class Known:
    """What the killed process knew."""

    session_id: str
    operation_id: str
    seconds: float
    encoded: int


async def killed_while_it_recorded(folder: Path) -> Known:
    process, line = await run_until_told(folder, "record")
    await kill(process)
    return Known(**json.loads(line))


async def test_everything_comes_back_once(tmp_path: Path) -> None:
    known = await killed_while_it_recorded(tmp_path)
    async with studio_in(tmp_path) as studio:
        assert studio.recovery.after_crash
        session: Session = await studio.begin(SessionMode.REPLAY, 0.3)  # buffering again, whatever is being recovered
        clips = await recovered(studio)
        assert session.session_id != known.session_id
        told = {event.what: event.clip_id for event in await studio.told(payloads.SessionRecovered)}
        assert sorted(told) == ["recording", "replay_buffer"]
        rescued = by_origin(clips, ClipOrigin.RECOVERED)
        assert {clip.clip_id for clip in rescued} == set(told.values())
        for clip in rescued:
            found = film(clip.path)
            assert clip.session_id == known.session_id
            assert clip.session_start < timedelta(seconds=0.5)  # recording began when the buffer was there
            assert (clip.session_start + clip.duration).total_seconds() >= known.seconds - 0.001
            assert found.frames == clip.video.frames >= known.encoded - clip.session_start / FRAME
            assert not found.fragmented
        operation = await studio.operations.get(known.operation_id)
        assert operation.state is OperationState.SUCCEEDED, operation.error
        assert operation.saved_clip is not None
        assert operation.saved_clip.duration == pytest.approx(timedelta(seconds=2.5), abs=timedelta(seconds=0.05))
        assert len(by_origin(clips, ClipOrigin.REPLAY)) == 2
        dead = await studio.capture.get_session(known.session_id)
        assert dead.state is SessionState.FAILED
        assert dead.error is not None
        assert dead.error.reason == "SERVER_CRASHED"
        assert dead.duration.total_seconds() >= known.seconds - 0.001
        await studio.capture.stop()
        assert leftovers(studio) == []
    async with studio_in(tmp_path) as again:
        assert not again.recovery.after_crash
        assert await recovered(again) == clips


async def test_a_recovery_that_is_killed_too_loses_and_doubles_nothing(tmp_path: Path) -> None:
    known = await killed_while_it_recorded(tmp_path)
    chance = random.Random(7)
    for _ in range(5):
        process, _ = await run_until_told(tmp_path, "recover")
        await asyncio.sleep(chance.uniform(0, 0.15))
        await kill(process)
    async with studio_in(tmp_path) as studio:
        clips = await recovered(studio)
        assert len(by_origin(clips, ClipOrigin.RECOVERED)) == 2
        assert len(by_origin(clips, ClipOrigin.REPLAY)) == 2
        assert (await studio.operations.get(known.operation_id)).state is OperationState.SUCCEEDED
        assert sorted(str(path) for path in studio.clips_dir.rglob("*.mp4")) == sorted(clip.path for clip in clips)
        assert leftovers(studio) == []


async def test_a_file_that_the_library_did_not_hear_of_is_not_made_twice(tmp_path: Path) -> None:
    """As if the kill had come between the renaming of each file and the transaction of its clip."""
    data, before = tmp_path / "data", tmp_path / "before"
    known = await killed_while_it_recorded(data)
    shutil.copytree(data, before)
    async with studio_in(data) as studio:
        first = {clip.path: clip for clip in await recovered(studio)}
        recording = await plan_of(studio, first, "recording")
        ring = await plan_of(studio, first, "replay_buffer")
        saved = (await studio.operations.get(known.operation_id)).saved_clip
        assert saved is not None
        replay = ClipPlan(saved.clip_id, (saved.path,))
    shutil.copytree(data / "clips", before / "clips", dirs_exist_ok=True)
    shutil.rmtree(data)
    before.rename(data)
    for place, plan in (
        ("clips/.recording/live/*", recording),
        ("temp/*/live/*", ring),
        ("temp/*/live/*/pins/*", replay),
    ):
        (next(data.glob(place)) / "plan.json").write_bytes(plan_to_json(plan))
    async with studio_in(data) as studio:
        again = {clip.path: clip for clip in await recovered(studio)}
        assert again.keys() == first.keys()
        assert {str(path) for path in studio.clips_dir.rglob("*.mp4")} == again.keys()
        assert again[ring.paths[0]].clip_id == ring.clip_id
        assert again[recording.paths[0]].clip_id == recording.clip_id
        assert (await studio.operations.get(known.operation_id)).state is OperationState.SUCCEEDED


async def test_a_recording_that_was_just_finished_in_place_is_taken_as_it_is(tmp_path: Path) -> None:
    known = await killed_while_it_recorded(tmp_path)
    (folder,) = tmp_path.glob("clips/.recording/live/*")
    recording = folder / "recording.mp4"
    finished = tmp_path / "clips" / "finished.mp4"
    await recover_recording(str(recording), str(finished)).result()
    frames = film(finished).frames
    finished.replace(recording)
    path = tmp_path / "clips" / "2026-01-01" / "as planned.mp4"
    path.parent.mkdir()
    path.hardlink_to(recording)
    (folder / "plan.json").write_bytes(plan_to_json(ClipPlan("clp_planned", (str(path),))))
    async with studio_in(tmp_path) as studio:
        rescued = {clip.clip_id: clip for clip in by_origin(await recovered(studio), ClipOrigin.RECOVERED)}
        assert rescued["clp_planned"].path == str(path)
        assert rescued["clp_planned"].video.frames == film(path).frames == frames
        assert rescued["clp_planned"].session_id == known.session_id
        assert len(rescued) == 2
        assert leftovers(studio) == []


async def plan_of(studio: Studio, clips: dict[str, Clip], what: str) -> ClipPlan:
    """The plan that a recovery had written beside what it recovered."""
    told = {event.what: event.clip_id for event in await studio.told(payloads.SessionRecovered)}
    return next(ClipPlan(clip.clip_id, (path,)) for path, clip in clips.items() if clip.clip_id == told[what])


async def test_what_cannot_be_read_is_kept_and_told(tmp_path: Path) -> None:
    known = await killed_while_it_recorded(tmp_path)
    studio = Studio(tmp_path)
    (ring,) = [path for place in studio.places.existing() for path in place.glob("live/*/ring")]
    (ring / "init.mp4").write_bytes(b"nonsense")
    (recording,) = studio.recordings.glob("live/*/recording.mp4")
    recording.write_bytes(b"nonsense" * 1000)
    async with studio_in(tmp_path) as studio:
        clips = await recovered(studio)
        assert by_origin(clips, ClipOrigin.RECOVERED) == []
        assert len(by_origin(clips, ClipOrigin.REPLAY)) == 2
        kept = sorted(path.name for path in studio.damaged.iterdir())
        assert len(kept) == 2
        assert all(name.startswith(known.session_id) for name in kept)
        assert next(studio.damaged.glob("*recording*/recording.mp4")).read_bytes() == b"nonsense" * 1000
        degraded = await studio.told(payloads.SystemDegraded)
        assert len(degraded) == 2
        ended = await studio.operations.list(OperationFilter((OperationState.FAILED,)), PageRequest())
        assert [one.error.reason for one in ended.items if one.error] == ["FOOTAGE_BROKEN"] * 2
        assert leftovers(studio) == []


async def test_facts_that_are_lost_cost_only_the_names(tmp_path: Path) -> None:
    known = await killed_while_it_recorded(tmp_path)
    for facts in tmp_path.rglob("facts.json"):
        facts.write_bytes(b"{")
    async with studio_in(tmp_path) as studio:
        rescued = by_origin(await recovered(studio), ClipOrigin.RECOVERED)
        assert len(rescued) == 2
        assert min(clip.video.frames + clip.session_start / FRAME for clip in rescued) >= known.encoded


async def test_a_start_after_a_clean_stop_recovers_nothing(tmp_path: Path) -> None:
    async with studio_in(tmp_path) as studio:
        await studio.begin(SessionMode.BOTH, 0.5)
    async with studio_in(tmp_path) as studio:
        assert not studio.recovery.after_crash
        (clip,) = await recovered(studio)
        assert clip.origin is ClipOrigin.RECORDED
        assert leftovers(studio) == []


@pytest.fixture
def small_clips(tmp_path: Path) -> Iterator[Path]:
    """A clips folder of 24 MiB."""
    clips = tmp_path / "clips"
    clips.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "clipshot-test", str(clips)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield clips
    subprocess.run(["umount", "--lazy", str(clips)], check=True)


async def test_a_full_disk_keeps_everything_for_the_next_start(tmp_path: Path, small_clips: Path) -> None:
    known = await killed_while_it_recorded(tmp_path)
    filler = small_clips / "filler"
    fill(filler)
    async with studio_in(tmp_path) as studio:
        await recovered(studio)
        rescued = [event.what for event in await studio.told(payloads.SessionRecovered)]
        assert rescued in ([], ["recording"])  # a recording may be finished in place, which takes next to no room
        failed = await studio.operations.get(known.operation_id)
        assert failed.error is not None
        assert failed.error.reason == "NO_SPACE"
        assert (await studio.told(payloads.ReplayFailed))[-1].error == failed.error
        assert await studio.told(payloads.SystemDegraded) == []
        assert list(small_clips.rglob("*.part*")) == []
    filler.unlink(missing_ok=True)
    async with studio_in(tmp_path) as studio:
        clips = await recovered(studio)
        assert len(by_origin(clips, ClipOrigin.RECOVERED)) == 2
        assert len(by_origin(clips, ClipOrigin.REPLAY)) == 2
        for clip in clips:
            assert film(clip.path).frames == clip.video.frames
        assert leftovers(studio) == []


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), path.open("wb") as file:
        while True:
            file.write(bytes(1 << 16))
            file.flush()
