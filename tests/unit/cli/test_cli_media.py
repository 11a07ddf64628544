"""Commands about sound and pictures: what they ask of the server, and what they print."""

import json
from pathlib import Path

from clipshot.gen.capture.v1.audio_pb2 import AudioDevice, AudioTrack
from clipshot.gen.capture.v1.capture_service_pb2 import (
    ListAudioDevicesResponse,
    StartSessionRequest,
    TakeScreenshotRequest,
    UpdateAudioTrackRequest,
)
from clipshot.gen.capture.v1.finding_pb2 import Finding
from clipshot.gen.capture.v1.screenshot_pb2 import Screenshot
from clipshot.gen.capture.v1.session_pb2 import Session

from .conftest import FakeServer, Run


def asked(server: FakeServer) -> TakeScreenshotRequest:
    (request,) = server.capture.asked
    assert isinstance(request, TakeScreenshotRequest)
    return request


def test_a_screenshot_is_saved_by_the_server_unless_a_file_is_named(ask: Run, server: FakeServer) -> None:
    result = ask("screenshot")
    assert result.exit_code == 0, result.output
    request = asked(server)
    assert (request.save, request.format) == (True, Screenshot.FORMAT_PNG)
    assert request.WhichOneof("target") is None
    assert "/clips/screenshots/Screen.png" in result.stdout
    assert "1920x1080" in result.stdout


def test_a_screenshot_is_written_to_a_file_in_the_format_of_its_name(
    ask: Run, server: FakeServer, tmp_path: Path
) -> None:
    file = tmp_path / "picture.webp"
    result = ask("screenshot", "--source", "x11:DP-1", "--cursor", "--max-width", "640", "-o", str(file))
    assert result.exit_code == 0, result.output
    request = asked(server)
    assert (request.save, request.format, request.max_width) == (False, Screenshot.FORMAT_WEBP, 640)
    assert (request.source_id, request.draw_cursor) == ("x11:DP-1", True)
    assert file.read_bytes() == b"a picture"
    assert str(file) in result.stdout


def test_a_screenshot_of_a_session_goes_to_standard_output(ask: Run, server: FakeServer) -> None:
    result = ask("screenshot", "--session", "current", "--format", "jpeg", "-o", "-")
    assert result.exit_code == 0, result.output
    request = asked(server)
    assert (request.session_id, request.format) == ("current", Screenshot.FORMAT_JPEG)
    assert result.stdout_bytes == b"a picture"


def test_a_screenshot_shows_one_thing(ask: Run, server: FakeServer) -> None:
    result = ask("screenshot", "--session", "current", "--source", "x11:DP-1")
    assert result.exit_code == 1
    assert "one of" in result.stderr
    assert server.capture.asked == []


def test_devices_are_told_with_their_kinds(ask: Run, server: FakeServer) -> None:
    device = AudioDevice(device_id="input:mic", kind=AudioDevice.KIND_INPUT, title="Desk mic", is_default=True)
    server.capture.devices = ListAudioDevicesResponse(devices=[device])
    told = ask("audio", "devices").stdout
    for fact in ("input:mic", "input", "Desk mic", "default"):
        assert fact in told


def test_without_a_sound_server_the_reason_is_told(ask: Run, server: FakeServer) -> None:
    server.capture.devices = ListAudioDevicesResponse(unavailable_reason="no sound server answers; start one")
    assert "start one" in ask("audio", "devices").stdout


def test_levels_and_findings_are_told(ask: Run, server: FakeServer) -> None:
    track = AudioTrack(track=2, label="Voice", device_id="input:mic", connected=True, peak_dbfs=-12, rms_dbfs=-20)
    finding = Finding(kind=Finding.KIND_SILENT, subject="track 3", detail="nothing is heard; unmute the device")
    server.capture.sessions = [
        Session(session_id="ses_1", state=Session.STATE_ACTIVE, audio=[track], findings=[finding])
    ]
    told = ask("audio", "levels").stdout
    for fact in ("Voice", "input:mic", "-12 dB", "-20 dB"):
        assert fact in told
    status = ask("record", "status", "--session", "ses_1")
    assert status.exit_code == 1  # it does not record
    form = json.loads(ask("audio", "levels", "--json").stdout)
    assert form["audio"][0]["track"] == 2


def test_a_track_is_changed(ask: Run, server: FakeServer) -> None:
    assert ask("audio", "set", "2", "--gain", "-6").exit_code == 0
    assert ask("audio", "set", "3", "--mute").exit_code == 0
    gain, mute = server.capture.asked
    assert isinstance(gain, UpdateAudioTrackRequest)
    assert isinstance(mute, UpdateAudioTrackRequest)
    assert (gain.track, gain.gain_db, gain.HasField("muted")) == (2, -6, False)
    assert (mute.track, mute.muted, mute.HasField("gain_db")) == (3, True, False)


def test_a_recording_hears_what_was_named(ask: Run, server: FakeServer) -> None:
    assert ask("record", "start", "--audio", "default-output=Game", "--audio", "input:mic").exit_code == 0
    assert ask("record", "start", "--audio", "none").exit_code == 0
    assert ask("record", "start").exit_code == 0
    named, silent, default = server.capture.asked
    assert isinstance(named, StartSessionRequest)
    assert isinstance(silent, StartSessionRequest)
    assert isinstance(default, StartSessionRequest)
    inputs = [(entry.device_id, entry.label) for entry in named.audio.inputs]
    assert inputs == [("default-output", "Game"), ("input:mic", "")]
    assert silent.HasField("audio")
    assert not silent.audio.inputs
    assert not default.HasField("audio")
