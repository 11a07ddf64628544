"""Every call that changes something can be repeated under its request_id, over REST too."""

import uuid

import pytest
from google.api import annotations_pb2

from clipshot.gen.buf.validate import validate_pb2
from tests.contract import rpc_list
from tests.contract.scene import API, Scene
from tests.serving import RunningServer

METHODS = rpc_list.methods()

# These make a secret that is shown once; the same one again for the same id would be a leak, not a help.
OF_SECRETS = {"AccessService.CreateLoginCode", "AccessService.ExchangeLoginCode", "AccessService.CreateSignedLink"}


# These tell what a viewer has seen; a call that comes twice changes nothing.
OF_VIEWERS = {"CaptureService.AckPreview", "CaptureService.RequestKeyframe"}


def changes(name: str) -> bool:
    options = METHODS[name].GetOptions()
    if not options.HasExtension(annotations_pb2.http):
        return False
    return options.Extensions[annotations_pb2.http].WhichOneof("pattern") != "get"


CHANGES = sorted(name for name in METHODS if changes(name) and name not in OF_SECRETS | OF_VIEWERS)


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_carries_one(name: str) -> None:
    field = METHODS[name].input_type.fields_by_name["request_id"]
    rules = field.GetOptions().Extensions[validate_pb2.field]
    assert rules.string.uuid
    assert rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE


def test_the_calls_are_those_that_change_something() -> None:
    assert {"ClipService.DeleteClip", "CaptureService.SaveReplay", "EventService.PublishEvent"} <= set(CHANGES)
    assert len(CHANGES) >= 18


def test_a_deletion_over_rest_can_be_repeated(server: RunningServer) -> None:
    clip, request_id = Scene(server).new_clip(), uuid.uuid4()
    path = f"{API}/clips/{clip}?request_id={request_id}"
    assert [server.call("DELETE", path).status for _ in range(2)] == [204, 204]
    assert server.call("DELETE", f"{API}/clips/{clip}").status == 400
    undelete = {"request_id": str(uuid.uuid4())}
    assert [server.call("POST", f"{API}/clips/{clip}:undelete", undelete).status for _ in range(2)] == [200, 200]


def test_a_change_over_rest_can_be_repeated_with_its_old_etag(server: RunningServer) -> None:
    scene = Scene(server)
    clip = scene.get(f"/clips/{scene.new_clip()}")
    body = {"title": "Renamed", "rating": 3, "tags": ["a", "b"], "favourite": True, "etag": clip["etag"]}
    path = f"{API}/clips/{clip['clip_id']}?request_id={uuid.uuid4()}"
    answers = [server.call("PATCH", path, body) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200], answers[-1].body
    assert len({answer.json()["etag"] for answer in answers}) == 1
    assert server.call("PATCH", f"{API}/clips/{clip['clip_id']}", body).status == 409
