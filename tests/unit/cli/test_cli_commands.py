"""What commands ask of the server, what they print, and how they end."""

import json
from datetime import timedelta

import pytest
from google.protobuf import json_format
from google.rpc import code_pb2, error_details_pb2, status_pb2

from clipshot.gen.capture.v1.capture_service_pb2 import (
    SaveReplayRequest,
    StartSessionRequest,
    StopSessionRequest,
    ToggleSessionRequest,
    UpdateSessionRequest,
)
from clipshot.gen.capture.v1.session_pb2 import Session
from clipshot.gen.clips.v1.clip_pb2 import Clip
from clipshot.gen.operations.v1.operation_pb2 import Operation

from .conftest import FakeServer, Run, recording_session


def test_replay_save_asks_for_what_was_said_and_tells_the_facts(ask: Run, server: FakeServer) -> None:
    result = ask(
        "replay", "save", "--seconds", "30.5", "--start", "keyframe", "--title", "T", "--tag", "a", "--tag", "b"
    )
    assert result.exit_code == 0, result.output
    (request,) = server.capture.asked
    assert isinstance(request, SaveReplayRequest)
    assert request.session_id == "current"
    assert request.duration.ToMilliseconds() == 30_500
    assert request.start == SaveReplayRequest.START_KEYFRAME
    assert (request.title, list(request.tags)) == ("T", ["a", "b"])
    told = result.stdout
    for fact in (
        "/clips/new one.mp4",
        "30.000 s",
        "70.000 s to 100.000 s",
        "42.9 MiB",
        "keyframe",
        "could not be encoded",
    ):
        assert fact in told


def test_replay_save_starts_clean_and_saves_all_unless_told(ask: Run, server: FakeServer) -> None:
    assert ask("replay", "save").exit_code == 0
    (request,) = server.capture.asked
    assert isinstance(request, SaveReplayRequest)
    assert request.start == SaveReplayRequest.START_CLEAN
    assert not request.HasField("duration")


def test_replay_save_json_is_the_operation_at_its_end(ask: Run, server: FakeServer) -> None:
    form = json.loads(ask("replay", "save", "--json").stdout)
    assert form["state"] == "succeeded"
    assert form["saved_clip"]["start_rule"] == "keyframe"
    assert form["saved_clip"]["size_bytes"] == "45000000"


def test_replay_save_no_wait_answers_with_the_running_operation(ask: Run, server: FakeServer) -> None:
    server.operations.end = Operation(operation_id="op_save", state=Operation.STATE_FAILED)
    result = ask("replay", "save", "--no-wait")
    assert result.exit_code == 0
    assert "op_save" in result.stdout


def test_failed_operation_is_a_failed_command(ask: Run, server: FakeServer) -> None:
    error = status_pb2.Status(code=code_pb2.RESOURCE_EXHAUSTED, message="the disk is full")
    error.details.add().Pack(error_details_pb2.ErrorInfo(reason="DISK_FULL", metadata={"remedy": "free some room"}))
    server.operations.end = Operation(operation_id="op_save", state=Operation.STATE_FAILED, error=error)
    result = ask("replay", "save")
    assert result.exit_code == 1
    assert result.stderr == "error: the disk is full [DISK_FULL]\ntry:   free some room\n"
    assert result.stdout == ""


def test_refused_call_tells_reason_and_remedy(ask: Run, server: FakeServer) -> None:
    result = ask("replay", "save", "--session", "ses_other")
    assert result.exit_code == 1
    assert result.stderr == "error: nothing is buffered [NO_REPLAY_BUFFER]\ntry:   start it\n"


def test_remedy_of_our_own_where_the_server_names_none(ask: Run, server: FakeServer) -> None:
    result = ask("clips", "show", "clp_unknown")
    assert result.exit_code == 1
    assert "CLIP_NOT_FOUND" in result.stderr
    assert "clipshot clips list" in result.stderr


def test_record_start_leaves_the_encoder_to_the_server_unless_told(ask: Run, server: FakeServer) -> None:
    assert ask("record", "start", "--title", "Boss").exit_code == 0
    assert ask("record", "start", "--size", "1280x720", "--fps", "30", "--no-cursor").exit_code == 0
    plain, scaled = server.capture.asked
    assert isinstance(plain, StartSessionRequest)
    assert isinstance(scaled, StartSessionRequest)
    assert plain.mode == Session.MODE_RECORD
    assert not plain.HasField("video")
    assert (scaled.video.width, scaled.video.height, scaled.video.fps) == (1280, 720, 30)
    assert not scaled.draw_cursor


def test_record_stop_finds_the_session_and_tells_its_clip(ask: Run, server: FakeServer) -> None:
    buffering = Session(session_id="ses_buffers", state=Session.STATE_ACTIVE)
    server.capture.sessions = [buffering, recording_session("ses_records")]
    result = ask("record", "stop")
    assert result.exit_code == 0, result.output
    (request,) = server.capture.asked
    assert isinstance(request, StopSessionRequest)
    assert (request.session_id, request.what) == ("ses_records", StopSessionRequest.WHAT_RECORDING)
    assert "/clips/new one.mp4" in result.stdout


@pytest.mark.parametrize(
    ("sessions", "told"), [([], "nothing is being recorded"), (["ses_a", "ses_b"], "ses_a, ses_b")]
)
def test_record_stop_never_guesses(ask: Run, server: FakeServer, sessions: list[str], told: str) -> None:
    server.capture.sessions = [recording_session(each) for each in sessions]
    result = ask("record", "stop")
    assert result.exit_code == 1
    assert told in result.stderr
    assert server.capture.asked == []


def test_clips_list_reads_as_many_pages_as_it_takes(ask: Run, server: FakeServer) -> None:
    form = json.loads(ask("clips", "list", "--limit", "3", "--json").stdout)
    assert [each["clip_id"] for each in form["clips"]] == ["clp_0001", "clp_0002", "clp_0003"]
    assert form["next_page_token"] == "3"
    everything = ask("clips", "list").stdout
    assert all(f"clp_000{number}" in everything for number in range(1, 6))
    assert "1.5 MiB" in everything


def test_clips_list_passes_its_filters(ask: Run, server: FakeServer) -> None:
    ask("clips", "list", "--tag", "best", "--origin", "recovered", "--favourite", "--order", "longest", "--text", "x")
    form = json_format.MessageToDict(server.clips.asked[0], preserving_proto_field_name=True)
    assert form == {
        "page_size": 50,
        "tags": ["best"],
        "origins": ["ORIGIN_RECOVERED"],
        "favourite": True,
        "order_by": "duration desc",
        "text": "x",
    }


def test_no_clips_says_how_to_make_one(ask: Run, server: FakeServer) -> None:
    server.clips.clips = []
    assert "clipshot replay save" in ask("clips", "list").stdout
    result = ask("clips", "path", "last")
    assert result.exit_code == 1
    assert "clipshot replay save" in result.stderr


def test_last_is_the_newest_clip(ask: Run, server: FakeServer) -> None:
    assert ask("clips", "path", "last").stdout == "/clips/1.mp4\n"
    assert ask("clips", "path", "clp_0002").stdout == "/clips/2.mp4\n"


def test_foreign_text_cannot_steer_the_terminal(ask: Run, server: FakeServer) -> None:
    server.clips.clips = [Clip(clip_id="clp_x", title="[red]\x1b]0;owned\x07 \x1b[2J")]
    for command in ("list", "show"):
        told = ask("clips", command, *(["clp_x"] if command == "show" else [])).stdout
        assert "\x1b" not in told
        assert "[red]" in told


def test_purge_deletes_only_what_was_shown_and_agreed_to(ask: Run, server: FakeServer) -> None:
    refused = ask("clips", "purge", answer="n\n")
    assert refused.exit_code == 1
    assert [request.validate_only for request in server.clips.asked] == [True]  # type: ignore[attr-defined]
    agreed = ask("clips", "purge", answer="y\n")
    assert "2 clips (2.0 KiB) deleted for good." in agreed.stdout
    assert list(server.clips.asked[-1].clip_ids) == ["clp_a", "clp_b"]  # type: ignore[attr-defined]


def test_login_without_a_page_says_why(ask: Run) -> None:
    result = ask("login")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "[NO_GATEWAY]" in result.stderr


def test_replay_save_asks_for_more_than_a_length(ask: Run, server: FakeServer) -> None:
    arguments = ("--since-last", "--post-roll", "5", "--flush", "--game", "Quake")
    assert ask("replay", "save", *arguments).exit_code == 0
    (request,) = server.capture.asked
    assert isinstance(request, SaveReplayRequest)
    assert (request.since_last_save, request.flush, request.game) == (True, True, "Quake")
    assert request.post_roll.ToSeconds() == 5
    assert not request.HasField("duration")


def test_record_start_says_when_to_split(ask: Run, server: FakeServer) -> None:
    assert ask("record", "start", "--split-seconds", "600", "--split-mib", "2", "--game", "Quake").exit_code == 0
    (request,) = server.capture.asked
    assert isinstance(request, StartSessionRequest)
    assert request.split.max_duration.ToSeconds() == 600
    assert request.split.max_size_bytes == 2 * 1024**2
    assert request.game == "Quake"
    server.capture.asked.clear()
    assert ask("record", "start").exit_code == 0
    assert not server.capture.asked[0].HasField("split")


def test_pause_resume_and_split_name_the_session_that_records(ask: Run, server: FakeServer) -> None:
    server.capture.sessions = [Session(session_id="ses_quiet"), recording_session("ses_2")]
    for command in ("pause", "resume", "split"):
        result = ask("record", command)
        assert result.exit_code == 0, result.output
    asked = [(type(request).__name__, request.session_id) for request in server.capture.asked]  # type: ignore[attr-defined]
    assert asked == [(f"{what}SessionRequest", "ses_2") for what in ("Pause", "Resume", "Split")]


def test_a_paused_recording_is_shown_as_that(ask: Run, server: FakeServer) -> None:
    server.capture.sessions = [recording_session("ses_2")]
    told = ask("record", "pause").stdout
    assert "recording (paused)" in told
    assert "part 2" in told
    assert "after 10:00 min or before 2.0 MiB" in told


def test_one_key_asks_for_a_switch(ask: Run, server: FakeServer) -> None:
    for group, what in (("record", "WHAT_RECORDING"), ("replay", "WHAT_REPLAY")):
        server.capture.asked.clear()
        assert ask(group, "toggle").exit_code == 0
        (request,) = server.capture.asked
        assert isinstance(request, ToggleSessionRequest)
        assert ToggleSessionRequest.What.Name(request.what) == what


def test_change_asks_only_for_what_was_said(ask: Run, server: FakeServer) -> None:
    assert ask("change", "--game", "Quake", "--bitrate", "6000", "--no-split").exit_code == 0
    (request,) = server.capture.asked
    assert isinstance(request, UpdateSessionRequest)
    assert (request.session_id, request.game, request.rate_control.bitrate_kbps) == ("current", "Quake", 6000)
    assert request.HasField("split")
    assert not request.HasField("title")
    assert not request.HasField("draw_cursor")
    assert not request.HasField("replay_duration")
    assert ask("change", "--crf", "20", "--bitrate", "6000").exit_code != 0


def test_a_clip_shows_its_game_and_its_markers(ask: Run, server: FakeServer) -> None:
    marked = Clip(clip_id="clp_m", game="Quake", state=Clip.STATE_READY)
    marked.markers.add(at=timedelta(seconds=1.5), label="Goal", kind="user")
    server.clips.clips = [marked]
    told = ask("clips", "show", "clp_m").stdout
    assert "Quake" in told
    assert "1.500 s  Goal" in told
    assert ask("clips", "list", "--game", "Quake").exit_code == 0
    (listed,) = server.clips.asked
    assert list(listed.games) == ["Quake"]  # type: ignore[attr-defined]
