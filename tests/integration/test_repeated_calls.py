"""Each change under a request_id is made once, and a repeated call is answered with what the first one did."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clipshot.core.capture.requests import MarkerRequest, SaveRequest, StartRequest, StopRequest, StopWhat
from clipshot.core.capture.session import SessionMode
from clipshot.core.clips.clip import Clip
from clipshot.core.errors import InvalidArgumentError, NotFoundError, PreconditionError
from clipshot.core.events import payloads
from clipshot.core.events.selection import Selection
from clipshot.core.idempotency import RequestKey
from clipshot.core.operations.operation import OperationState, StartRule
from tests.integration.studio import SOURCE, Studio, studio_in


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio_in(tmp_path / "data") as studio:
        yield studio


def new_key(method: str) -> RequestKey:
    return RequestKey(str(uuid.uuid4()), method, "same")


async def new_clip(studio: Studio) -> Clip:
    request = SaveRequest("current", timedelta(seconds=0.2), StartRule.KEYFRAME)
    saved = (await studio.capture.save_replay(request, None)).saved_clip
    assert saved is not None
    return await studio.clips.get(saved.clip_id)


async def test_a_repeated_delete_and_undelete_are_answered(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.4)
    clip = await new_clip(studio)
    delete, undelete = new_key("DeleteClip"), new_key("UndeleteClip")
    for _ in range(2):
        await studio.clips.delete(clip.clip_id, clip.etag, delete)
    restored = [await studio.clips.undelete(clip.clip_id, undelete) for _ in range(2)]
    assert restored[0] == restored[1]
    await studio.clips.delete(clip.clip_id, clip.etag, delete)
    assert (await studio.clips.get(clip.clip_id)).expire_time is None, "a late twin changes nothing"
    assert len(await studio.told(payloads.ClipTrashed)) == len(await studio.told(payloads.ClipRestored)) == 1


async def test_a_repeated_update_is_answered_although_its_etag_is_old(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.4)
    clip = await new_clip(studio)
    key, wanted = new_key("UpdateClip"), replace(clip, title="Renamed")
    changed = [await studio.clips.update(clip.clip_id, wanted, ["title"], key) for _ in range(2)]
    assert changed[0] == changed[1]
    assert changed[0].title == "Renamed"
    assert len(await studio.told(payloads.ClipUpdated)) == 1


async def test_a_repeated_removal_of_a_marker_is_answered(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 0.4)
    marker = await studio.capture.create_marker(MarkerRequest("current"), None)
    key = new_key("DeleteMarker")
    for _ in range(2):
        await studio.capture.delete_marker("current", marker.marker_id, key)
    assert len(await studio.told(payloads.MarkerRemoved)) == 1
    with pytest.raises(NotFoundError) as caught:
        await studio.capture.delete_marker("current", marker.marker_id, new_key("DeleteMarker"))
    assert caught.value.reason == "MARKER_NOT_FOUND"


async def test_a_repeated_cancel_answers_the_operation(studio: Studio) -> None:
    await studio.begin(SessionMode.REPLAY, 2)
    request = SaveRequest("current", timedelta(seconds=1.5), no_wait=True)
    operation = await studio.capture.save_replay(request, None)
    key = new_key("CancelOperation")
    ended = [await studio.operations.cancel(operation.operation_id, key) for _ in range(2)]
    assert ended[0] == ended[1]
    assert ended[0].state.ended
    with pytest.raises(InvalidArgumentError) as caught:
        await studio.operations.cancel(operation.operation_id, replace(key, fingerprint="other"))
    assert caught.value.reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize("method", ["update", "delete", "undelete", "delete_marker", "cancel"])
async def test_an_id_of_another_request_is_refused(studio: Studio, method: str) -> None:
    await studio.begin(SessionMode.REPLAY, 0.4)
    clip = await new_clip(studio)
    key = new_key("CreateMarker")
    marker = await studio.capture.create_marker(MarkerRequest("current"), key)
    operation = await studio.capture.save_replay(SaveRequest("current", timedelta(seconds=0.2)), None)
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "update": lambda: studio.clips.update(clip.clip_id, clip, ["title"], replace(key, method="UpdateClip")),
        "delete": lambda: studio.clips.delete(clip.clip_id, "", replace(key, method="DeleteClip")),
        "undelete": lambda: studio.clips.undelete(clip.clip_id, replace(key, method="UndeleteClip")),
        "delete_marker": lambda: studio.capture.delete_marker(
            "current", marker.marker_id, replace(key, method="DeleteMarker")
        ),
        "cancel": lambda: studio.operations.cancel(operation.operation_id, replace(key, method="CancelOperation")),
    }
    with pytest.raises(InvalidArgumentError) as caught:
        await calls[method]()
    assert caught.value.reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize("what", [StopWhat.RECORDING, StopWhat.ALL])
async def test_a_repeated_stop_names_the_operation_and_waits_for_it(studio: Studio, what: StopWhat) -> None:
    session = await studio.begin(SessionMode.BOTH, 1)
    key = new_key("StopSession")
    stopped = [await studio.capture.stop_session(StopRequest(session.session_id, what), key) for _ in range(2)]
    assert stopped[1].operation_id == stopped[0].operation_id != ""
    assert stopped[1].session.session_id == session.session_id
    assert (await studio.operations.get(stopped[1].operation_id)).state is OperationState.SUCCEEDED
    assert len(await studio.told(payloads.ClipCreated)) == 1


async def trashed_clips(studio: Studio, count: int) -> list[Clip]:
    await studio.begin(SessionMode.REPLAY, 0.4)
    clips = [await new_clip(studio) for _ in range(count)]
    for clip in clips:
        await studio.clips.delete(clip.clip_id, "")
    return clips


async def misplace(studio: Studio, clip: Clip) -> None:
    """Have a clip's row name a file that is not below the clips folder, as after a change of CLIPS_DIR."""
    async with studio.store.write() as tx:
        await tx.clips.put(replace(clip, path=str(studio.root / "elsewhere.mp4"), expire_time=clip.create_time))


async def test_a_purge_that_failed_in_between_goes_on_when_it_is_repeated(studio: Studio) -> None:
    first, second, third = await trashed_clips(studio, 3)
    await misplace(studio, second)
    key, ids = new_key("PurgeClips"), [clip.clip_id for clip in (first, second, third)]
    with pytest.raises(PreconditionError) as caught:
        await studio.clips.purge(ids, validate_only=False, key=key)
    assert caught.value.reason == "CLIP_OUTSIDE_FOLDER"
    assert not Path(first.path).exists()
    assert Path(third.path).exists()
    async with studio.store.write() as tx:
        await tx.clips.put(replace(second, expire_time=second.create_time))
    for _ in range(2):
        purge = await studio.clips.purge(ids, validate_only=False, key=key)
        assert purge.clip_ids == tuple(ids)
        assert purge.freed_bytes == sum(clip.size_bytes for clip in (first, second, third))
    assert len(await studio.told(payloads.ClipDeleted)) == 3


async def test_a_purge_cut_off_after_its_files_is_done_by_its_repetition(studio: Studio) -> None:
    clips = await trashed_clips(studio, 2)
    for clip in clips:
        Path(clip.path).unlink()
    key, ids = new_key("PurgeClips"), [clip.clip_id for clip in clips]
    for _ in range(2):
        assert (await studio.clips.purge(ids, validate_only=False, key=key)).clip_ids == tuple(ids)


async def test_a_purge_and_its_request_id_are_one_transaction(studio: Studio) -> None:
    """Whoever hears that the clips are gone must find the id kept: a kill then leaves nothing to be refused."""
    clips = await trashed_clips(studio, 2)
    key = new_key("PurgeClips")
    with studio.bus.subscribe(Selection(event_type="clip:deleted")) as subscription:
        purging = asyncio.create_task(
            studio.clips.purge([clip.clip_id for clip in clips], validate_only=False, key=key)
        )
        await subscription.take(5)
        async with studio.store.read() as reader:
            assert await reader.requests.get(key.request_id) is not None
            assert await reader.clips.trashed() == []
        await purging


async def test_the_sweep_passes_over_a_clip_that_cannot_be_deleted(studio: Studio) -> None:
    first, second = await trashed_clips(studio, 2)
    await misplace(studio, first)
    async with studio.store.write() as tx:
        await tx.clips.put(replace(second, expire_time=second.create_time))
    await studio.clips.stop()
    await studio.clips.start()
    async with asyncio.timeout(10):
        while Path(second.path).exists() or not await studio.told(payloads.ClipDeleted):
            await asyncio.sleep(0.02)
    assert (await studio.clips.get(first.clip_id)).expire_time is not None


async def test_joining_a_buffer_with_another_length_is_refused(studio: Studio) -> None:
    length = timedelta(seconds=7)
    request = StartRequest(SOURCE, SessionMode.REPLAY, replay_duration=length)
    session = await studio.capture.start_session(request, None)
    both = replace(request, mode=SessionMode.BOTH)
    with pytest.raises(PreconditionError) as caught:
        await studio.capture.start_session(replace(both, replay_duration=timedelta(seconds=8)), None)
    assert (caught.value.reason, caught.value.metadata["fields"]) == ("SESSION_DIFFERS", "replay_duration")
    assert (await studio.capture.get_session(session.session_id)).mode is SessionMode.REPLAY
    assert (await studio.capture.start_session(both, None)).mode is SessionMode.BOTH
