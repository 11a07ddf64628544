"""Each change under a request_id is made once, and a repeated call is answered with what the first one did."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clipshot.core.capture.requests import MarkerRequest, SaveRequest, StopRequest, StopWhat
from clipshot.core.capture.session import SessionMode
from clipshot.core.clips.clip import Clip
from clipshot.core.errors import InvalidArgumentError, NotFoundError, PreconditionError
from clipshot.core.events import payloads
from clipshot.core.idempotency import RequestKey
from clipshot.core.operations.operation import OperationState, StartRule
from tests.integration.studio import Studio, studio_in


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
