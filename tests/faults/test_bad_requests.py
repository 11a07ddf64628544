"""What can never be accepted is INVALID_ARGUMENT and names the field, the same over gRPC and REST; nothing changes."""

from typing import Any

import pytest

from tests.contract.scene import Scene
from tests.rpcs import Refusal, refused, rest_call
from tests.serving import RunningServer

LONG = "x" * 300
SOURCE = "test:clock"


def video(**fields: Any) -> dict[str, Any]:
    return {"source_id": SOURCE, "mode": "record", "video": fields}


def rate(**fields: Any) -> dict[str, Any]:
    return video(rate_control=fields)


#: RPC, request, the field that is to be named.
IMPOSSIBLE: list[tuple[str, dict[str, Any], str]] = [
    *[("CaptureService.StartSession", video(width=value), "video.width") for value in (-2, 0, 15, 16386, 2**31 - 2)],
    *[("CaptureService.StartSession", video(height=value), "video.height") for value in (-1, 14, 100000)],
    *[("CaptureService.StartSession", video(fps=value), "video.fps") for value in (-1, 0, 241, 2**31 - 1)],
    *[("CaptureService.StartSession", rate(crf=value), "video.rate_control.crf") for value in (-0.5, 51.5, "NaN")],
    *[
        ("CaptureService.StartSession", rate(mode="vbr", bitrate_kbps=value), "video.rate_control.bitrate_kbps")
        for value in (0, 99, 500_001)
    ],
    ("CaptureService.StartSession", rate(max_bitrate_kbps=1), "video.rate_control.max_bitrate_kbps"),
    ("CaptureService.StartSession", video(preset="warp"), "video.preset"),
    ("CaptureService.StartSession", video(preset="; rm -rf /"), "video.preset"),
    ("CaptureService.StartSession", video(tune="x264opts"), "video.tune"),
    ("CaptureService.StartSession", video(lookahead_frames=-1), "video.lookahead_frames"),
    ("CaptureService.StartSession", video(lookahead_frames=251), "video.lookahead_frames"),
    ("CaptureService.StartSession", video(keyframe_interval="0s"), "video.keyframe_interval"),
    ("CaptureService.StartSession", video(keyframe_interval="-1s"), "video.keyframe_interval"),
    ("CaptureService.StartSession", video(keyframe_interval="11s"), "video.keyframe_interval"),
    ("CaptureService.StartSession", {"mode": "replay", "replay_duration": "0.5s"}, "replay_duration"),
    ("CaptureService.StartSession", {"mode": "replay", "replay_duration": "-60s"}, "replay_duration"),
    ("CaptureService.StartSession", {"mode": "replay", "replay_duration": "14401s"}, "replay_duration"),
    ("CaptureService.StartSession", {"mode": "record", "title": LONG}, "title"),
    ("CaptureService.StartSession", {"mode": "record", "source_id": LONG}, "source_id"),
    ("CaptureService.StartSession", {"mode": "record", "request_id": "not-a-uuid"}, "request_id"),
    ("CaptureService.SaveReplay", {"session_id": "current", "duration": "0s"}, "duration"),
    ("CaptureService.SaveReplay", {"session_id": "current", "duration": "-5s"}, "duration"),
    ("CaptureService.SaveReplay", {"session_id": "current", "duration": "14400.1s"}, "duration"),
    ("CaptureService.SaveReplay", {"session_id": "current", "title": LONG}, "title"),
    ("CaptureService.SaveReplay", {"session_id": "current", "tags": ["a", "a"]}, "tags"),
    ("CaptureService.SaveReplay", {"session_id": "current", "tags": [""]}, "tags"),
    ("CaptureService.SaveReplay", {"session_id": "current", "tags": [f"t{n}" for n in range(65)]}, "tags"),
    ("CaptureService.SaveReplay", {"session_id": LONG}, "session_id"),
    ("CaptureService.GetPreviewFrame", {"session_id": "current", "max_width": -1}, "max_width"),
    ("CaptureService.GetPreviewFrame", {"session_id": "current", "max_width": 7681}, "max_width"),
    ("CaptureService.CreateMarker", {"session_id": "current", "at": "-1s"}, "at"),
    ("CaptureService.CreateMarker", {"session_id": "current", "duration": "-1s"}, "duration"),
    ("CaptureService.CreateMarker", {"session_id": "current", "label": LONG}, "label"),
    (
        "CaptureService.CreateMarker",
        {"session_id": "current", "attributes": {f"k{n}": "" for n in range(65)}},
        "attributes",
    ),
    ("CaptureService.ListSessions", {"page_size": -1}, "page_size"),
    ("CaptureService.ListSessions", {"page_token": "garbage"}, "page_token"),
    ("ClipService.ListClips", {"page_size": -1}, "page_size"),
    ("ClipService.ListClips", {"page_token": "AAAA"}, "page_token"),
    ("ClipService.ListClips", {"page_token": "x" * 1025}, "page_token"),
    ("ClipService.ListClips", {"order_by": "path; drop table clips"}, "order_by"),
    ("ClipService.ListClips", {"text": LONG}, "text"),
    ("ClipService.ListClips", {"tags": [f"t{n}" for n in range(17)]}, "tags"),
    ("ClipService.UpdateClip", {"clip_id": "${clip}", "clip": {"rating": 6}, "update_mask": "rating"}, "clip.rating"),
    ("ClipService.UpdateClip", {"clip_id": "${clip}", "clip": {"rating": -1}, "update_mask": "rating"}, "clip.rating"),
    ("ClipService.UpdateClip", {"clip_id": "${clip}", "clip": {"title": LONG}, "update_mask": "title"}, "clip.title"),
    (
        "ClipService.UpdateClip",
        {"clip_id": "${clip}", "clip": {"description": "x" * 10_001}, "update_mask": "description"},
        "clip.description",
    ),
    (
        "ClipService.UpdateClip",
        {"clip_id": "${clip}", "clip": {"path": "/etc/passwd"}, "update_mask": "path"},
        "update_mask",
    ),
    ("ClipService.PurgeClips", {"clip_ids": ["a", "a"]}, "clip_ids"),
    ("ClipService.PurgeClips", {"clip_ids": [f"c{n}" for n in range(1001)]}, "clip_ids"),
    ("EventService.PublishEvent", {"type": "no colon"}, "type"),
    ("EventService.PublishEvent", {"type": "clip:created"}, "type"),
    ("EventService.Subscribe", {"topics": ["BAD TOPIC"]}, "topics"),
    ("EventService.Subscribe", {"heartbeat": "0s"}, "heartbeat"),
    ("EventService.Subscribe", {"after_event_id": "not an id"}, "after_event_id"),
    ("EventService.ListEvents", {"page_token": "garbage"}, "page_token"),
    ("OperationsService.ListOperations", {"page_token": "garbage"}, "page_token"),
    ("AccessService.CreateSignedLink", {"path": "/etc/passwd"}, "path"),
    ("AccessService.CreateSignedLink", {"path": "/api/v1/../../etc/passwd"}, "path"),
    ("AccessService.CreateSignedLink", {"path": "/api/v1/clips:purge"}, "path"),
    ("AccessService.CreateSignedLink", {"path": "/api/v1/" + "x" * 1024}, "path"),
    ("AccessService.ExchangeLoginCode", {"code": ""}, "code"),
]


def label(entry: tuple[str, dict[str, Any], str]) -> str:
    return f"{entry[0].split('.')[1]}-{entry[2]}-{str(entry[1])[-24:]}"


def check(refusal: Refusal, field: str) -> None:
    assert refusal.code == "INVALID_ARGUMENT"
    assert refusal.domain == "clipshot"
    assert any(named == field or named.startswith(f"{field}[") for named in refusal.fields), refusal


@pytest.mark.parametrize(("name", "request_", "field"), IMPOSSIBLE, ids=map(label, IMPOSSIBLE))
def test_over_grpc(server: RunningServer, name: str, request_: dict[str, Any], field: str) -> None:
    check(refused(server, name, Scene(server).fill(request_)), field)


ON_REST = [
    entry
    for entry in IMPOSSIBLE
    if rest_call(entry[0], entry[1])
    # What REST does not let a caller say: the mask is made out of the body, and a path of 300 characters is a route.
    and entry[2] not in ("update_mask", "session_id")
]


@pytest.mark.parametrize(("name", "request_", "field"), ON_REST, ids=map(label, ON_REST))
def test_over_rest(server: RunningServer, name: str, request_: dict[str, Any], field: str) -> None:
    rest = rest_call(name, Scene(server).fill(request_))
    assert rest is not None
    answer = server.call(*rest)
    assert answer.status == 400, answer.body
    check(Refusal.of_rest(answer), field)


def test_nothing_was_started(server: RunningServer) -> None:
    before = server.call("GET", "/api/v1/capture/sessions?page_size=500").json()["sessions"]
    refused(server, "CaptureService.StartSession", video(fps=0))
    after = server.call("GET", "/api/v1/capture/sessions?page_size=500").json()["sessions"]
    assert [(one["session_id"], one["mode"]) for one in after] == [(one["session_id"], one["mode"]) for one in before]


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'"text"', b"\xff\xfe", b'{"mode": 99}', b'{"mode": "warp"}', b'{"nonsense": 1}', b'{"video": []}'],
)
def test_bodies_that_are_no_request(server: RunningServer, body: bytes) -> None:
    answer = server.call("POST", "/api/v1/capture/sessions", body)
    assert answer.status == 400, answer.body
    assert Refusal.of_rest(answer).domain == "clipshot"
