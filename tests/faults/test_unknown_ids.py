"""An id that nothing has is NOT_FOUND, says what kind of thing was looked for, and is never anything worse."""

from typing import Any

import pytest

from tests.contract.scene import Scene
from tests.rpcs import Refusal, refused, rest_call
from tests.serving import RunningServer

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
HOSTILE = ["../../etc/passwd", "..", "x' OR '1'='1", "%00", "a\u202eb", "😀", "x" * 64]

#: RPC -> what is looked for, and the request that names it.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "CaptureService.CreateMarker": ("session", {"session_id": UNKNOWN}),
    "CaptureService.DeleteMarker": ("marker", {"session_id": "${session}", "marker_id": UNKNOWN}),
    "CaptureService.GetPreviewFrame": ("session", {"session_id": UNKNOWN}),
    "CaptureService.GetReplayBuffer": ("session", {"session_id": UNKNOWN}),
    "CaptureService.GetSession": ("session", {"session_id": UNKNOWN}),
    "CaptureService.ListMarkers": ("session", {"session_id": UNKNOWN}),
    "CaptureService.SaveReplay": ("session", {"session_id": UNKNOWN}),
    "CaptureService.StartSession": ("source", {"source_id": "test:nothing", "mode": "record"}),
    "CaptureService.StopSession": ("session", {"session_id": UNKNOWN}),
    "CaptureService.WatchSession": ("session", {"session_id": UNKNOWN}),
    "ClipService.DeleteClip": ("clip", {"clip_id": UNKNOWN}),
    "ClipService.GetClip": ("clip", {"clip_id": UNKNOWN}),
    "ClipService.GetThumbnail": ("clip", {"clip_id": UNKNOWN}),
    "ClipService.ResolveMedia": ("clip", {"clip_id": UNKNOWN, "kind": "media"}),
    "ClipService.UndeleteClip": ("clip", {"clip_id": UNKNOWN}),
    "ClipService.UpdateClip": ("clip", {"clip_id": UNKNOWN, "clip": {"title": "x"}, "update_mask": "title"}),
    "OperationsService.CancelOperation": ("operation", {"operation_id": UNKNOWN}),
    "OperationsService.GetOperation": ("operation", {"operation_id": UNKNOWN}),
    "OperationsService.WatchOperation": ("operation", {"operation_id": UNKNOWN}),
}


def check(refusal: Refusal, looked_for: str, wrong: str) -> None:
    assert refusal.code == "NOT_FOUND"
    assert refusal.reason == f"{looked_for.upper()}_NOT_FOUND"
    assert refusal.domain == "clipshot"
    assert refusal.resource == (looked_for, wrong)
    assert refusal.metadata["resource_id"] == wrong


def wrong_id(request: dict[str, Any]) -> str:
    return str(next(v for v in request.values() if v in (UNKNOWN, "test:nothing")))


@pytest.mark.parametrize("name", CALLS)
def test_over_grpc(server: RunningServer, name: str) -> None:
    looked_for, request = CALLS[name]
    check(refused(server, name, Scene(server).fill(request)), looked_for, wrong_id(request))


@pytest.mark.parametrize("name", [name for name in CALLS if rest_call(name, CALLS[name][1].copy())])
def test_over_rest(server: RunningServer, name: str) -> None:
    looked_for, request = CALLS[name]
    rest = rest_call(name, Scene(server).fill(request))
    assert rest is not None
    answer = server.call(*rest)
    assert answer.status == 404
    check(Refusal.of_rest(answer), looked_for, wrong_id(request))


@pytest.mark.parametrize("kind", ["media", "thumbnail"])
def test_files_of_no_clip(server: RunningServer, kind: str) -> None:
    answer = server.call("GET", f"/api/v1/clips/{UNKNOWN}/{kind}")
    assert answer.status == 404
    check(Refusal.of_rest(answer), "clip", UNKNOWN)


def test_details_are_in_snake_case_as_everything_else(server: RunningServer) -> None:
    details = server.call("GET", f"/api/v1/clips/{UNKNOWN}").json()["details"]
    (resource,) = [one for one in details if one["@type"].endswith("ResourceInfo")]
    assert (resource["resource_type"], resource["resource_name"]) == ("clip", UNKNOWN)


@pytest.mark.parametrize("wrong", HOSTILE)
def test_ids_that_mean_something_elsewhere(server: RunningServer, wrong: str) -> None:
    for name, request in (
        ("ClipService.GetClip", {"clip_id": wrong}),
        ("ClipService.DeleteClip", {"clip_id": wrong}),
        ("ClipService.ResolveMedia", {"clip_id": wrong, "kind": "media"}),
        ("CaptureService.GetSession", {"session_id": wrong}),
        ("OperationsService.GetOperation", {"operation_id": wrong}),
    ):
        refusal = refused(server, name, request)
        assert (refusal.code, refusal.resource and refusal.resource[1]) == ("NOT_FOUND", wrong), name
