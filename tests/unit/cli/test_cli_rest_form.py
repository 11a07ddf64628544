"""JSON of the command line is that of the REST API."""

from datetime import timedelta

from google.rpc import error_details_pb2

from clipshot.cli.rest_form import rest_form, word
from clipshot.gen.capture.v1.encoder_pb2 import Encoder, RateControl
from clipshot.gen.capture.v1.session_pb2 import Session, SessionStats
from clipshot.gen.clips.v1.clip_pb2 import Clip
from clipshot.gen.clips.v1.clip_service_pb2 import ListClipsResponse
from clipshot.gen.events.v1.event_pb2 import Event
from clipshot.gen.events.v1.payloads_pb2 import ClipCreated
from clipshot.gen.system.v1.health_pb2 import HealthResponse


def test_enum_values_lose_their_prefix_at_every_depth() -> None:
    event = Event(
        priority=Event.PRIORITY_HIGH,
        clip_created=ClipCreated(clip=Clip(origin=Clip.ORIGIN_RECOVERED, state=Clip.STATE_READY)),
    )
    form = rest_form(event)
    assert form["priority"] == "high"
    assert form["clip_created"]["clip"]["origin"] == "recovered"
    encoder = rest_form(Encoder(rate_controls=[RateControl.MODE_CRF, RateControl.MODE_VBR]))
    assert encoder["rate_controls"] == ["crf", "vbr"]
    assert rest_form(HealthResponse(ai_runtime=HealthResponse.AI_RUNTIME_UNAVAILABLE))["ai_runtime"] == "unavailable"


def test_unset_scalars_are_there_and_absent_optionals_are_not() -> None:
    form = rest_form(Session())
    assert form["dropped"] == "0"
    assert form["state"] == "unspecified"
    assert "recording" not in form
    assert "error" not in form
    assert rest_form(ListClipsResponse()) == {"clips": [], "next_page_token": ""}


def test_durations_maps_and_big_numbers() -> None:
    stats = SessionStats(dropped_frames={"late": 3}, encode_latency=timedelta(seconds=1.5), encoded_bytes=2**53 + 1)
    form = rest_form(Session(stats=stats))["stats"]
    assert form["dropped_frames"] == {"late": "3"}
    assert form["encode_latency"] == "1.500s"
    assert form["encoded_bytes"] == "9007199254740993"


def test_details_of_an_error_are_written_out() -> None:
    session = Session()
    session.error.message = "gone"
    session.error.details.add().Pack(error_details_pb2.ErrorInfo(reason="SOURCE_LOST", domain="clipshot"))
    (detail,) = rest_form(session)["error"]["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert detail["reason"] == "SOURCE_LOST"


def test_values_of_a_newer_server_stay_numbers() -> None:
    session = Session()
    session.MergeFromString(Session(state=Session.STATE_ACTIVE).SerializeToString().replace(b"\x02", b"\x63"))
    assert rest_form(session)["state"] == 99
    assert word(session, "state") == "99"
