"""The main job over real parts: capture the test source, buffer, record, save, and look after the clips."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clipshot.core.capture.encoder import VideoConfig
from clipshot.core.capture.requests import MarkerRequest, SaveRequest, StartRequest, StopRequest, StopWhat
from clipshot.core.capture.session import Session, SessionMode, SessionState
from clipshot.core.clips.clip import Clip, ClipOrigin, ClipState
from clipshot.core.errors import ConflictError, InvalidArgumentError, NotFoundError, PreconditionError
from clipshot.core.events import payloads
from clipshot.core.events.selection import Selection
from clipshot.core.idempotency import RequestKey
from clipshot.core.operations.operation import Operation, OperationState, StartRule
from clipshot.core.paging import PageRequest
from clipshot.core.store import ClipFilter, ClipOrder, SessionFilter
from tests.integration.films import film
from tests.integration.studio import SOURCE, Studio, studio_in

FRAME = timedelta(seconds=1 / 30)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


async def save(studio: Studio, seconds: float | None, start: StartRule = StartRule.CLEAN, **more: object) -> Operation:
    duration = None if seconds is None else timedelta(seconds=seconds)
    operation = await studio.capture.save_replay(SaveRequest("current", duration, start, **more), None)
    assert operation.state is OperationState.SUCCEEDED, operation.error
    return operation


async def clip_of(studio: Studio, operation: Operation) -> Clip:
    assert operation.saved_clip is not None
    return await studio.clips.get(operation.saved_clip.clip_id)


async def refused(call: Awaitable[object], reason: str) -> None:
    with pytest.raises(PreconditionError) as caught:
        await call
    assert caught.value.reason == reason
    assert caught.value.remedy


def of_session(session: Session) -> ClipFilter:
    return ClipFilter(session_id=session.session_id)


async def clips_of(studio: Studio, session: Session) -> list[Clip]:
    return list((await studio.clips.list(of_session(session), ClipOrder(), PageRequest())).items)


async def test_a_clean_replay_is_as_long_as_asked_and_ends_at_the_call(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 4)
    called = (await studio.capture.get_session("current")).duration
    operation = await save(studio, 2.5)
    saved = operation.saved_clip
    assert saved is not None
    assert saved.start_rule is StartRule.CLEAN
    assert saved.actual_end >= called
    assert saved.actual_end - called <= 3 * FRAME
    assert abs(saved.duration - timedelta(seconds=2.5)) <= FRAME
    found = film(saved.path)
    assert found.frames == saved.frames
    assert found.first_pts == 0
    assert not found.fragmented
    assert abs(float(found.duration) - saved.duration.total_seconds()) < 0.001
    clip = await clip_of(studio, operation)
    assert clip.origin is ClipOrigin.REPLAY
    assert clip.session_id == session.session_id
    assert clip.session_start == saved.actual_start
    assert clip.start_time == session.start_time + saved.actual_start
    assert clip.title.startswith("Test picture with a clock 2")
    assert Path(clip.path).relative_to(studio.clips_dir).parent.name == f"{clip.create_time.astimezone():%Y-%m-%d}"


async def test_a_keyframe_replay_starts_at_the_keyframe_before(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 4)
    keyframes = (await studio.capture.get_replay_buffer("current")).keyframes
    saved = (await save(studio, 2.5, StartRule.KEYFRAME)).saved_clip
    assert saved is not None
    assert saved.start_rule is StartRule.KEYFRAME
    assert saved.actual_start in keyframes
    assert timedelta(seconds=2.5) - FRAME <= saved.duration <= timedelta(seconds=3.5) + FRAME


async def test_more_than_is_held_saves_what_is_there_and_says_so(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1)
    operation = await save(studio, 600)
    assert operation.saved_clip is not None
    assert operation.saved_clip.actual_start == timedelta()
    assert timedelta(seconds=1) <= operation.saved_clip.duration < timedelta(seconds=10)
    everything = await save(studio, None, StartRule.KEYFRAME)
    assert everything.saved_clip is not None
    assert everything.saved_clip.actual_start == timedelta()


async def test_saves_that_overlap_say_by_how_much(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 2)
    first = (await save(studio, 1)).saved_clip
    second = (await save(studio, 2)).saved_clip
    assert first is not None
    assert second is not None
    assert first.overlap_with_previous == timedelta()
    assert second.overlap_with_previous == first.actual_end - max(first.actual_start, second.actual_start)
    assert second.overlap_with_previous > timedelta(seconds=0.5)


async def test_a_replay_is_told_from_the_pin_to_the_clip(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1)
    operation = await save(studio, 0.5, title="Boss", tags=("win", "boss"))
    about = [event for event in await studio.events() if operation.operation_id in repr(event.payload)]
    assert [event.type for event in about] == [
        "operation:started",
        "capture:replay_pinned",
        "capture:replay_saved",
        "operation:finished",
    ]
    (created,) = await studio.told(payloads.ClipCreated)
    assert created.clip.title == "Boss"
    assert created.clip.tags == ("win", "boss")
    assert "/Boss " in created.clip.path
    await asyncio.sleep(0.1)
    assert list((studio.root / "temp").rglob("pins/*")) == []


async def test_twenty_twins_make_one_clip(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 1)
    key = RequestKey(str(uuid.uuid4()), "SaveReplay", "same")
    request = SaveRequest("current", timedelta(seconds=0.5))
    operations = await asyncio.gather(*(studio.capture.save_replay(request, key) for _ in range(20)))
    assert len({operation.operation_id for operation in operations}) == 1
    assert {operation.state for operation in operations} == {OperationState.SUCCEEDED}
    assert len(await studio.told(payloads.ClipCreated)) == 1
    with pytest.raises(InvalidArgumentError) as caught:
        await studio.capture.save_replay(request, replace(key, fingerprint="other"))
    assert caught.value.reason == "REQUEST_ID_REUSED"


async def test_many_saves_at_once_all_hold_their_moment(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 2)
    request = SaveRequest("current", timedelta(seconds=1), no_wait=True)
    begun = [await studio.capture.save_replay(request, None) for _ in range(6)]
    assert {operation.stage for operation in begun} <= {"pinned", "writing"}
    ended = [await studio.operations.wait(operation.operation_id) for operation in begun]
    assert {operation.state for operation in ended} == {OperationState.SUCCEEDED}
    pins = {pin.operation_id: pin for pin in await studio.told(payloads.ReplayPinned)}
    paths = set()
    for operation in ended:
        saved = operation.saved_clip
        assert saved is not None
        assert saved.actual_end == pins[operation.operation_id].end
        paths.add(saved.path)
    assert len(paths) == 6
    assert len(await clips_of(studio, session)) == 6


async def test_a_cancelled_save_leaves_nothing(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 3)
    operation = await studio.capture.save_replay(SaveRequest("current", timedelta(seconds=2.5), no_wait=True), None)
    ended = await studio.operations.cancel(operation.operation_id)
    if ended.state is OperationState.SUCCEEDED:
        pytest.skip("the save was quicker")
    assert ended.state is OperationState.CANCELLED
    (failed,) = await studio.told(payloads.ReplayFailed)
    assert failed.operation_id == operation.operation_id
    assert await clips_of(studio, session) == []
    assert list(studio.clips_dir.rglob("*.mp4*")) == []
    assert (await save(studio, 1)).saved_clip is not None


async def test_a_recording_becomes_a_clip_that_holds_all_of_it(studio: Studio) -> None:
    session = await studio.begin(SessionMode.RECORD, 2)
    known = await studio.capture.get_session("current")
    recording = known.recording
    assert recording is not None
    assert film(recording.path).fragmented
    stopped = (await studio.capture.stop_session(StopRequest(session.session_id), None)).session
    assert stopped.state is SessionState.STOPPED
    assert stopped.recording is None
    assert stopped.mode is SessionMode.RECORD
    (clip,) = await clips_of(studio, session)
    assert clip.origin is ClipOrigin.RECORDED
    found = film(clip.path)
    assert found.frames == clip.video.frames
    missed = round(clip.session_start / FRAME)  # it began with the first keyframe after the file was there
    assert known.stats.encoded_frames - missed <= found.frames <= stopped.stats.encoded_frames
    assert known.duration <= clip.session_start + clip.duration <= stopped.duration
    assert not found.fragmented
    assert clip.size_bytes == Path(clip.path).stat().st_size
    await studio.maker.stop()
    assert list(studio.recordings.glob("*/*")) == []


async def test_recording_joins_the_session_that_buffers_and_leaves_it(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 1)
    joined = await studio.capture.start_session(StartRequest(SOURCE, SessionMode.RECORD, title="Match"), None)
    assert joined.session_id == session.session_id
    assert joined.mode is SessionMode.BOTH
    await studio.until_captured(2.5)
    stopped = (await studio.capture.stop_session(StopRequest("current", StopWhat.RECORDING), None)).session
    assert stopped.state is SessionState.ACTIVE
    assert stopped.mode is SessionMode.REPLAY
    (clip,) = await clips_of(studio, session)
    assert clip.title == "Match"
    assert clip.session_start > timedelta(seconds=0.9)
    assert film(clip.path).frames == clip.video.frames
    replay = (await save(studio, None)).saved_clip
    assert replay is not None
    assert replay.actual_start == timedelta()
    assert film(replay.path).frames == replay.frames > clip.video.frames
    ended = (await studio.capture.stop_session(StopRequest("current", StopWhat.REPLAY), None)).session
    assert ended.state is SessionState.STOPPED
    assert ended.mode is SessionMode.REPLAY
    kinds = [event.type for event in await studio.events() if event.type.startswith("capture:session")]
    assert kinds == [
        "capture:session_started",
        "capture:session_updated",
        "capture:session_updated",
        "capture:session_stopped",
    ]


async def test_a_discarded_recording_is_gone(studio: Studio) -> None:
    session = await studio.begin(SessionMode.RECORD, 0.5)
    await studio.capture.stop_session(StopRequest(session.session_id, discard=True), None)
    await studio.maker.stop()
    assert await clips_of(studio, session) == []
    assert list(studio.clips_dir.rglob("*.mp4")) == []


async def test_a_stopped_buffer_leaves_nothing_behind(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 1)
    buffer = await studio.capture.get_replay_buffer(session.session_id)
    assert buffer.segments >= 1
    assert buffer.oldest_time == session.start_time
    assert Path(buffer.path).is_dir()
    await studio.capture.stop_session(StopRequest(session.session_id), None)
    assert studio.places.existing() == ()


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (StartRequest(SOURCE, SessionMode.REPLAY), "ALREADY_BUFFERING"),
        (StartRequest(SOURCE, SessionMode.RECORD, VideoConfig(fps=5)), "SESSION_DIFFERS"),
        (StartRequest(SOURCE, SessionMode.RECORD, draw_cursor=False), "SESSION_DIFFERS"),
    ],
)
async def test_what_cannot_join_is_refused(studio: Studio, request_: StartRequest, reason: str) -> None:
    session = await studio.begin(SessionMode.REPLAY)
    with pytest.raises(PreconditionError) as caught:
        await studio.capture.start_session(request_, None)
    assert caught.value.reason == reason
    assert caught.value.remedy
    assert (await studio.capture.get_session(session.session_id)).mode is SessionMode.REPLAY


async def test_asking_for_both_adds_what_is_missing(studio: Studio) -> None:
    await studio.begin(SessionMode.RECORD)
    assert (await studio.begin(SessionMode.BOTH)).mode is SessionMode.BOTH
    with pytest.raises(PreconditionError) as caught:
        await studio.begin(SessionMode.BOTH)
    assert caught.value.reason == "ALREADY_RECORDING"


async def test_starts_at_the_same_time_share_one_session(studio: Studio) -> None:
    modes = (SessionMode.RECORD, SessionMode.REPLAY)
    first, second = await asyncio.gather(*(studio.begin(mode) for mode in modes))
    assert first.session_id == second.session_id
    assert SessionMode.BOTH in (first.mode, second.mode)


async def test_impossible_requests_name_their_field(studio: Studio) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await studio.capture.start_session(StartRequest(SOURCE, video=VideoConfig(width=99_998)), None)
    assert caught.value.violations[0].field == "video.width"
    with pytest.raises(NotFoundError) as unknown:
        await studio.capture.start_session(StartRequest("test:nothing"), None)
    assert unknown.value.reason == "SOURCE_NOT_FOUND"
    assert await studio.events() == []


async def test_without_a_session_callers_are_told_what_to_do(studio: Studio) -> None:
    for call in (
        studio.capture.save_replay(SaveRequest("current"), None),
        studio.capture.get_replay_buffer("current"),
        studio.capture.preview("current", 0),
        studio.capture.stop_session(StopRequest("current"), None),
    ):
        with pytest.raises(PreconditionError) as caught:
            await call
        assert caught.value.reason == "NOTHING_CAPTURED"
    with pytest.raises(NotFoundError) as unknown:
        await studio.capture.get_session("ses_unknown")
    assert unknown.value.reason == "SESSION_NOT_FOUND"


async def test_an_ended_session_says_so(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 0.3)
    await studio.capture.stop_session(StopRequest(session.session_id), None)
    for call in (
        studio.capture.save_replay(SaveRequest(session.session_id), None),
        studio.capture.stop_session(StopRequest(session.session_id), None),
        studio.capture.create_marker(MarkerRequest(session.session_id), None),
    ):
        with pytest.raises(PreconditionError) as caught:
            await call
        assert caught.value.reason == "SESSION_ENDED"


async def test_a_repeated_start_answers_the_session_it_made(studio: Studio) -> None:
    key = RequestKey(str(uuid.uuid4()), "StartSession", "same")
    first = await studio.capture.start_session(StartRequest(SOURCE, SessionMode.REPLAY), key)
    again = await studio.capture.start_session(StartRequest(SOURCE, SessionMode.REPLAY), key)
    assert again.session_id == first.session_id
    stop = RequestKey(str(uuid.uuid4()), "StopSession", "same")
    for _ in range(2):
        stopped = (await studio.capture.stop_session(StopRequest(first.session_id), stop)).session
        assert stopped.state is SessionState.STOPPED


async def test_watching_shows_each_change_until_the_end(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 0.2)
    seen: list[Session] = []

    async def watch() -> None:
        seen.extend([view async for view in studio.capture.watch_session("current")])

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.1)
    await studio.begin(SessionMode.RECORD)
    await studio.capture.stop_session(StopRequest(session.session_id), None)
    async with asyncio.timeout(2):
        await watching
    modes = [view.mode for view in seen if view.state is SessionState.ACTIVE]
    assert modes[0] is SessionMode.REPLAY
    assert modes[-1] is SessionMode.BOTH
    assert seen[-1].state is SessionState.STOPPED


async def test_counters_are_told_each_second_to_those_who_listen(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY)
    with studio.bus.subscribe(Selection(event_type="capture:stats")) as subscription:
        batch = await subscription.take(5)
    assert batch is not None
    payload = batch.events[0].payload
    assert isinstance(payload, payloads.StatsReported)
    assert payload.session_id == session.session_id
    assert payload.stats.encoded_frames > 0


async def test_previews_are_limited_to_ten_a_second(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.3)
    started = time.monotonic()
    pictures = [await studio.capture.preview("current", 320) for _ in range(50)]
    pictures += [await studio.capture.preview("current", 160 + step % 2) for step in range(5)]
    spent = time.monotonic() - started
    assert all(picture[:2] == b"\xff\xd8" for picture in pictures)
    assert len(set(pictures)) <= spent / 0.1 + 2
    assert spent > 0.4


async def test_markers_lie_within_their_session(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 1)
    now = await studio.capture.create_marker(MarkerRequest("current", label="now"), None)
    early = await studio.capture.create_marker(MarkerRequest(session.session_id, timedelta(seconds=0.5)), None)
    assert now.at > early.at
    assert early.time == session.start_time + timedelta(seconds=0.5)
    with pytest.raises(InvalidArgumentError) as caught:
        await studio.capture.create_marker(MarkerRequest("current", timedelta(hours=1)), None)
    assert caught.value.violations[0].field == "at"
    first = await studio.capture.list_markers("current", PageRequest(1))
    second = await studio.capture.list_markers("current", PageRequest(1, first.next_token))
    assert (first.items, second.items, second.next_token) == ((early,), (now,), "")
    await studio.capture.delete_marker("current", early.marker_id, None)
    with pytest.raises(NotFoundError):
        await studio.capture.delete_marker("current", early.marker_id, None)
    assert [event.type for event in await studio.events() if "marker" in event.type] == [
        "capture:marker_added",
        "capture:marker_added",
        "capture:marker_removed",
    ]


async def test_sessions_are_listed_newest_first(studio: Studio) -> None:
    first = await studio.begin(SessionMode.REPLAY)
    await studio.capture.stop_session(StopRequest(first.session_id), None)
    second = await studio.begin(SessionMode.REPLAY, 0.3)
    page = await studio.capture.list_sessions(SessionFilter(), PageRequest())
    assert [session.session_id for session in page.items] == [second.session_id, first.session_id]
    assert page.items[0].stats.captured_frames > 0
    active = await studio.capture.list_sessions(SessionFilter((SessionState.ACTIVE,)), PageRequest())
    assert [session.session_id for session in active.items] == [second.session_id]


async def test_a_clip_is_changed_only_from_its_latest_state(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    clip = await clip_of(studio, await save(studio, 0.3))
    wanted = replace(clip, title="Renamed", rating=5, path="/etc/passwd")
    changed = await studio.clips.update(clip.clip_id, wanted, ["title", "rating"])
    assert (changed.title, changed.rating, changed.path) == ("Renamed", 5, clip.path)
    assert changed.etag != clip.etag
    with pytest.raises(ConflictError) as caught:
        await studio.clips.update(clip.clip_id, wanted, ["title"])
    assert caught.value.reason == "ETAG_MISMATCH"
    with pytest.raises(InvalidArgumentError) as refused:
        await studio.clips.update(clip.clip_id, replace(wanted, etag=""), ["path"])
    assert refused.value.violations[0].field == "update_mask"
    (updated,) = await studio.told(payloads.ClipUpdated)
    assert updated.changed_fields == ("title", "rating")


async def test_the_trash_gives_back_until_it_is_emptied(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 0.5)
    clip = await clip_of(studio, await save(studio, 0.3))
    await studio.clips.delete(clip.clip_id, clip.etag)
    assert await clips_of(studio, session) == []
    trashed = await studio.clips.get(clip.clip_id)
    assert trashed.state is ClipState.TRASHED
    assert trashed.expire_time is not None
    assert trashed.expire_time - trashed.update_time == timedelta(days=30)
    await refused(studio.clips.delete(clip.clip_id, ""), "CLIP_TRASHED")
    await refused(studio.clips.update(clip.clip_id, replace(clip, title="New", etag=""), ["title"]), "CLIP_TRASHED")
    assert (await studio.clips.undelete(clip.clip_id)).state is ClipState.READY
    await refused(studio.clips.undelete(clip.clip_id), "CLIP_NOT_TRASHED")
    await refused(studio.clips.purge([clip.clip_id], validate_only=False, key=None), "CLIP_NOT_TRASHED")
    await studio.clips.delete(clip.clip_id, "")
    thumbnail = await studio.clips.thumbnail(clip.clip_id)
    dry = await studio.clips.purge([], validate_only=True, key=None)
    assert (dry.clip_ids, dry.freed_bytes) == ((clip.clip_id,), clip.size_bytes)
    assert Path(clip.path).exists()
    key = RequestKey(str(uuid.uuid4()), "PurgeClips", "same")
    assert await studio.clips.purge([], validate_only=False, key=key) == dry
    assert await studio.clips.purge([], validate_only=False, key=key) == dry
    assert not Path(clip.path).exists()
    assert not Path(thumbnail.path).exists()
    with pytest.raises(NotFoundError):
        await studio.clips.get(clip.clip_id)
    assert [event.type for event in await studio.events() if event.type.startswith("clip:")] == [
        "clip:created",
        "clip:trashed",
        "clip:restored",
        "clip:trashed",
        "clip:deleted",
    ]


async def test_a_clip_whose_file_is_gone_is_damaged_until_it_is_back(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    clip = await clip_of(studio, await save(studio, 0.3))
    path = Path(clip.path)
    away = path.rename(path.with_suffix(".away"))
    assert (await studio.clips.get(clip.clip_id)).state is ClipState.DAMAGED
    for call, reason in ((studio.clips.media, "MEDIA_NOT_FOUND"), (studio.clips.thumbnail, "THUMBNAIL_NOT_FOUND")):
        with pytest.raises(NotFoundError) as caught:
            await call(clip.clip_id)
        assert caught.value.reason == reason
    away.rename(path)
    assert (await studio.clips.get(clip.clip_id)).state is ClipState.READY
    assert len(await studio.told(payloads.ClipDamaged)) == 1
    media = await studio.clips.media(clip.clip_id)
    assert (media.path, media.content_type, media.file_name) == (clip.path, "video/mp4", path.name)


async def test_a_clip_that_cannot_be_decoded_is_damaged(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.5)
    clip = await clip_of(studio, await save(studio, 0.3))
    await studio.clips.thumbnail(clip.clip_id)
    await studio.pictures.forget_thumbnail(clip.clip_id)
    Path(clip.path).write_bytes(b"no film at all")
    with pytest.raises(PreconditionError) as caught:
        await studio.clips.thumbnail(clip.clip_id)
    assert caught.value.reason == "CLIP_DAMAGED"
    assert (await studio.clips.get(clip.clip_id)).state is ClipState.DAMAGED


async def test_pages_of_clips_follow_each_other(studio: Studio) -> None:
    session = await studio.begin(SessionMode.REPLAY, 0.5)
    made = [await clip_of(studio, await save(studio, 0.2, StartRule.KEYFRAME)) for _ in range(5)]
    seen: list[str] = []
    token = ""
    while True:
        page = await studio.clips.list(of_session(session), ClipOrder(), PageRequest(2, token))
        seen += [clip.clip_id for clip in page.items]
        token = page.next_token
        if not token:
            break
    assert seen == [clip.clip_id for clip in reversed(made)]
    first = await studio.clips.list(of_session(session), ClipOrder(), PageRequest(2))
    with pytest.raises(InvalidArgumentError) as caught:
        await studio.clips.list(ClipFilter(), ClipOrder(), PageRequest(2, first.next_token))
    assert caught.value.reason == "PAGE_TOKEN_OTHER_FILTER"
