"""Settings of a running server: looked at, changed, written, applied, watched, and edited in an editor."""

import http.client
import json
import signal
import subprocess
import threading
import urllib.parse
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clipshot.cli.main import app
from tests.serving import CLIPSHOT, Answer, RunningServer, clean_environment, serving
from tests.waiting import wait_for

API = "/api/v1"
KEY = {"CLIPSHOT_API_KEY": "planted-key"}
WRITTEN = "# How this machine records.\nreplay_seconds = 30  # half a minute\n"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = new_folder(tmp_path_factory.mktemp("shared"))
    environment = {"CLIPSHOT_PLUGIN_TIMEOUT": "7", "CLIPSHOT_VIDEO_CRF": "20", **KEY}
    with serving(folder, "--replay", env=environment) as running:
        yield running


@pytest.fixture
def server(shared: RunningServer) -> RunningServer:
    """A server with the settings that it started with."""
    ok(shared, "POST", "/config:import", {"content": WRITTEN, "replace": True})
    (shared.data_dir / "clipshot.toml").write_text(WRITTEN)
    assert one(shared, "replay_seconds")["value"] == 30
    return shared


@pytest.fixture
def data(server: RunningServer) -> Path:
    return server.data_dir


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A data directory of a server that is yet to be started."""
    return new_folder(tmp_path)


def new_folder(parent: Path) -> Path:
    folder = parent / "data"
    folder.mkdir()
    (folder / "clipshot.toml").write_text(WRITTEN)
    return folder


def call(server: RunningServer, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    sent = {"X-API-Key": "planted-key", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return server.call(method, API + path, body, sent, key=False)


def ok(server: RunningServer, method: str, path: str, body: Any = None) -> Any:
    answer = call(server, method, path, body)
    assert answer.status == 200, answer.body
    return answer.json()


def one(server: RunningServer, name: str) -> dict[str, Any]:
    (setting,) = ok(server, "GET", f"/config?names={name}")["settings"]
    return dict(setting)


def faults(answer: Answer) -> dict[str, str]:
    """Reasons by field."""
    assert answer.status == 400, answer.body
    details = answer.json()["details"]
    (request,) = (each for each in details if each["@type"].endswith("BadRequest"))
    return {each["field"]: each["reason"] for each in request["field_violations"]}


def events(server: RunningServer, topic: str, after: str = "") -> list[dict[str, Any]]:
    return list(ok(server, "GET", f"/events/history?topics={topic}&after_event_id={after}")["events"])


def last_event(server: RunningServer) -> str:
    """Id of the newest event."""
    found = ok(server, "GET", "/events/history?page_size=500")["events"]
    return str(found[-1]["event_id"])


class Watcher:
    """Reads WatchConfig over HTTP until it ends."""

    def __init__(self, server: RunningServer) -> None:
        self.configs: list[dict[str, Any]] = []
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.rest).netloc, timeout=60)
        connection.request("GET", f"{API}/config/events", headers={"X-API-Key": "planted-key"})
        self.answer = connection.getresponse()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        wait_for(lambda: self.configs, 10, "the settings as they are")

    def read(self) -> None:
        for line in self.answer:
            if line.startswith(b"data:"):
                self.configs.append(json.loads(line[5:]))

    def values(self, name: str) -> list[Any]:
        return [each.get("value") for config in self.configs for each in config["settings"] if each["name"] == name]


def test_settings_tell_values_origins_and_limits_but_no_secret(server: RunningServer, data: Path) -> None:
    answer = call(server, "GET", "/config")
    assert b"planted-key" not in answer.body
    found = {each["name"]: each for each in answer.json()["settings"]}
    seconds = found["replay_seconds"]
    assert (seconds["value"], seconds["default_value"], seconds["unit"]) == (30, 60, "seconds")
    assert (seconds["source"], seconds["path"], seconds["line"]) == ("file", str(data / "clipshot.toml"), 2)
    assert (seconds["minimum"], seconds["maximum"], seconds["effect"]) == (1, 14400, "at_once")
    assert found["plugin_timeout"]["source"] == "environment"
    assert found["grpc_port"]["source"] == "command_line"
    key = found["api_key"]
    assert (key["secret"], key["is_set"], "value" in key, "default_value" in key) == (True, True, False, False)
    assert found["secret_key"]["is_set"] is False
    assert {each["section"] for each in ok(server, "GET", "/config?sections=video")["settings"]} == {"video"}
    assert faults(call(server, "GET", "/config?names=prot&sections=vidoe")) == {
        "sections": "SECTION_UNKNOWN",
        "names": "SETTING_UNKNOWN",
    }


def test_a_change_is_written_and_holds_after_a_restart(server: RunningServer, data: Path) -> None:
    before, newest = ok(server, "GET", "/config"), last_event(server)
    outcome = ok(server, "PATCH", f"/config?etag={before['etag']}", {"replay_seconds": 90, "max_workers": 1})
    assert {each["name"]: each["effect"] for each in outcome["changes"]} == {
        "replay_seconds": "at_once",
        "max_workers": "restart",
    }
    assert (data / "clipshot.toml").read_text() == WRITTEN.replace("= 30 ", "= 90 ") + "max_workers = 1\n"
    workers = one(server, "max_workers")
    assert (workers["restart_pending"], workers["next_value"]) == (True, 1)
    assert call(server, "PATCH", f"/config?etag={before['etag']}", {"replay_seconds": 91}).status == 409
    (told,) = events(server, "system:config_changed", newest)
    assert told["config_changed"] == {
        "names": ["max_workers", "replay_seconds"],
        "restart_needed": ["max_workers"],
        "origin": "api",
    }


def test_what_is_written_holds_after_a_restart_and_watchers_end_with_the_server(fresh: Path) -> None:
    with serving(fresh, env=KEY) as server:
        seen = Watcher(server)
        ok(server, "PATCH", "/config", {"replay_seconds": 31, "max_workers": 1})
        wait_for(lambda: len(seen.configs) > 1, 10, "the change")
        assert seen.values("replay_seconds") == [30, 31]
        assert server.stop() == 0
        seen.thread.join(10)
        assert not seen.thread.is_alive()
    with serving(fresh, env=KEY) as again:
        assert one(again, "replay_seconds")["value"] == 31
        assert one(again, "max_workers")["restart_pending"] is False


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(server: RunningServer, data: Path) -> None:
    newest = last_event(server)
    body = {
        "replay_seconds": -1,
        "prot": 1,
        "api_key": "mine",
        "version": "9",
        "plugin_timeout": 3,
        "cors_origins": 7,
        "clips_dir": 3,
        "debug": True,
    }
    for query in ("", "?validate_only=true"):
        assert faults(call(server, "PATCH", f"/config{query}", body)) == {
            "values.replay_seconds": "SETTING_NOT_VALID",
            "values.prot": "SETTING_UNKNOWN",
            "values.api_key": "SETTING_SECRET",
            "values.version": "SETTING_FIXED",
            "values.plugin_timeout": "SETTING_OVERRIDDEN",
            "values.cors_origins": "SETTING_NOT_VALID",
            "values.clips_dir": "SETTING_NOT_VALID",
        }
    assert faults(call(server, "PATCH", "/config", {"clips_dir": str(data / "clipshot.toml" / "clips")})) == {
        "values.clips_dir": "FOLDER_UNUSABLE"
    }
    assert faults(call(server, "PATCH", "/config", {"host": "0.0.0.0"})) == {"values.host": "REMOTE_WITHOUT_TLS"}
    answer = call(server, "PATCH", "/config", {"replay_seconds": "soon"}).json()
    assert answer["details"][0]["reason"] == "SETTINGS_NOT_VALID"
    assert (data / "clipshot.toml").read_text() == WRITTEN
    assert events(server, "system:config_*", newest) == []


def test_a_dry_run_tells_what_would_happen(server: RunningServer, data: Path) -> None:
    outcome = ok(server, "PATCH", "/config?validate_only=true", {"replay_seconds": 90, "capture_backend": "test"})
    assert [(each["name"], each["old_value"], each["new_value"], each["effect"]) for each in outcome["changes"]] == [
        ("replay_seconds", 30, 90, "at_once"),
        ("capture_backend", "auto", "test", "restart"),
    ]
    assert one(server, "replay_seconds")["value"] == 30
    assert (data / "clipshot.toml").read_text() == WRITTEN


def test_a_repeated_request_is_done_once(server: RunningServer) -> None:
    path = f"/config?request_id={uuid.uuid4()}"
    first = ok(server, "PATCH", path, {"replay_seconds": 90})
    ok(server, "PATCH", "/config", {"replay_seconds": 80})
    assert ok(server, "PATCH", path, {"replay_seconds": 90})["changes"] == first["changes"]
    assert one(server, "replay_seconds")["value"] == 80


def test_what_holds_until_the_restart_is_not_written_and_beats_the_environment(
    server: RunningServer, data: Path
) -> None:
    ok(server, "PATCH", "/config?until_restart=true", {"video_crf": 30})
    found = one(server, "video_crf")
    assert (found["value"], found["source"]) == (30, "run_time")
    assert (data / "clipshot.toml").read_text() == WRITTEN
    assert faults(call(server, "PATCH", "/config?until_restart=true", {"port": 1})) == {
        "values.port": "SETTING_NEEDS_RESTART"
    }
    ok(server, "POST", "/config:reset", {"names": ["video_crf"]})
    assert (one(server, "video_crf")["value"], one(server, "video_crf")["source"]) == (20, "environment")


def test_reset_export_and_import(server: RunningServer, data: Path) -> None:
    ok(server, "PATCH", "/config", {"replay_seconds": 45, "cors_origins": ["http://a", "http://b"]})
    exported = call(server, "GET", "/config:export")
    assert exported.headers["content-type"] == "application/toml"
    assert b"replay_seconds = 45" in exported.body
    assert b"planted" not in exported.body
    as_json = call(server, "GET", "/config:export?format=json&include_defaults=true").json()
    assert (as_json["replay_seconds"], as_json["clips_dir"]) == (45, "")
    ok(server, "POST", "/config:reset", {"all": True})
    assert one(server, "replay_seconds")["source"] == "default"
    assert (data / "clipshot.toml").read_text() == "# How this machine records.\n"

    content = "replay_seconds = 20\nvideo_bitrate_kbps = 3000\n"
    dry = ok(server, "POST", "/config:import", {"content": content, "validate_only": True})
    assert [each["name"] for each in dry["changes"]] == ["replay_seconds", "video_bitrate_kbps"]
    assert faults(call(server, "POST", "/config:import", {"content": content + "port = 'x'\napi_key = 'y'\n"})) == {
        "values.port": "SETTING_OVERRIDDEN",
        "values.api_key": "SETTING_SECRET",
    }
    assert one(server, "replay_seconds")["value"] == 60
    ok(server, "POST", "/config:import", {"content": json.dumps({"replay_seconds": 20}), "format": "json"})
    ok(server, "POST", "/config:import", {"content": "video_bitrate_kbps = 3000\n", "replace": True})
    assert (one(server, "replay_seconds")["value"], one(server, "video_bitrate_kbps")["value"]) == (60, 3000)
    for bad in ("replay_seconds = ", "[1]"):
        answer = call(server, "POST", "/config:import", {"content": bad, "format": "json"})
        assert answer.json()["details"][0]["reason"] == "CONTENT_NOT_VALID"


def test_an_edit_of_the_file_applies_and_a_broken_one_does_not(server: RunningServer, data: Path) -> None:
    file, newest = data / "clipshot.toml", last_event(server)
    file.write_text(WRITTEN.replace("30", "50"))
    wait_for(lambda: one(server, "replay_seconds")["value"] == 50, 10, "the edit applies")
    (told,) = wait_for(lambda: events(server, "system:config_changed", newest), 10, "the change is told")
    assert told["config_changed"]["origin"] == "file"

    file.write_text("replay_seconds = 20\nprot = 1\n")
    (rejected,) = wait_for(lambda: events(server, "system:config_rejected", newest), 10, "the fault is told")
    assert rejected["config_rejected"] == {
        "path": str(file),
        "reason": "'prot' is no setting; did you mean port?",
        "line": 2,
        "name": "prot",
    }
    assert one(server, "replay_seconds")["value"] == 50
    assert ok(server, "GET", "/config")["faults"][0]["line"] == 2
    (part,) = ok(server, "GET", "/system/health?components=settings")["components"]
    assert part["status"] == "degraded"
    answer = call(server, "PATCH", "/config", {"debug": True})
    assert answer.json()["details"][0]["reason"] == "SETTINGS_FILE_BROKEN"
    assert file.read_text() == "replay_seconds = 20\nprot = 1\n", "a broken file is its owner's to mend"

    file.write_text("replay_seconds = 20\n")
    wait_for(lambda: one(server, "replay_seconds")["value"] == 20, 10, "the mended file applies")
    assert ok(server, "GET", "/config")["faults"] == []
    assert ok(server, "GET", "/system/health?components=settings")["components"][0]["status"] == "healthy"


def test_a_file_that_is_broken_at_the_start_stops_no_recorder(fresh: Path) -> None:
    (fresh / "clipshot.toml.good").write_text(WRITTEN)
    (fresh / "clipshot.toml").write_text("replay_seconds = 20\nreplay_max_bytes = lots\n")
    with serving(fresh, "--replay", env=KEY) as server:
        assert one(server, "replay_seconds")["value"] == 30, "as it last worked"
        assert ok(server, "GET", "/capture/sessions/current")["state"] == "active"
        (told,) = wait_for(lambda: events(server, "system:config_rejected"), 10, "the fault is told")
        assert (told["config_rejected"]["line"], told["config_rejected"]["name"]) == (2, "replay_max_bytes")
        assert ok(server, "GET", "/system/health?components=settings")["components"][0]["status"] == "degraded"
        assert "line 2" in server.log.read_text()


def test_origins_change_without_a_dropped_connection(server: RunningServer) -> None:
    address = urllib.parse.urlsplit(server.rest).netloc
    stream = http.client.HTTPConnection(address, timeout=20)
    stream.request("GET", f"{API}/system/events", headers={"X-API-Key": "planted-key"})
    events_answer = stream.getresponse()
    assert events_answer.status == 200
    gateway = ok(server, "GET", "/system/metrics")["processes"]

    newcomer = {"Origin": "http://newcomer.lan"}
    assert call(server, "POST", "/config:reset", {"names": ["debug"]}, **newcomer).status == 403
    ok(server, "PATCH", "/config", {"cors_origins": ["http://newcomer.lan"], "allowed_hosts": ["clips.lan"]})
    answer = call(server, "POST", "/config:reset", {"names": ["debug"]}, **newcomer)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "http://newcomer.lan")
    assert call(server, "GET", "/config", Host="clips.lan").status == 200
    assert call(server, "POST", "/config:reset", {"names": ["debug"]}, Origin="http://localhost:3000").status == 403

    found = b""
    while b"config_changed" not in found:
        found = events_answer.readline()
        assert found, "the stream of before goes on"
    assert [each["pid"] for each in ok(server, "GET", "/system/metrics")["processes"]] == [
        each["pid"] for each in gateway
    ], "by the same process"
    stream.close()


def test_the_log_level_changes(server: RunningServer) -> None:
    def lines() -> int:
        return server.log.read_text().count('"level": "debug"')

    ok(server, "GET", "/config")
    assert lines() == 0
    ok(server, "PATCH", "/config", {"debug": True})
    ok(server, "GET", "/config")
    assert wait_for(lines, 5, "a debug line") > 0
    ok(server, "PATCH", "/config", {"debug": False})
    before = lines()
    ok(server, "GET", "/config")
    assert lines() - before <= 1, "the change itself may end as it began"


def clipshot(server: RunningServer, *words: str) -> Result:
    environment = {**KEY, "CLIPSHOT_SERVER": "", "COLUMNS": "200"}
    return CliRunner().invoke(app, ["--data-dir", str(server.data_dir), "config", *words], env=environment)


def test_the_command_line_shows_and_changes(server: RunningServer, data: Path) -> None:
    shown = clipshot(server, "get")
    assert shown.exit_code == 0, shown.stderr
    assert f"{data}/clipshot.toml:2" in shown.stdout
    assert "planted" not in shown.stdout
    one_shown = clipshot(server, "get", "replay_seconds").stdout
    assert "30 seconds" in one_shown
    assert "minimum 1, maximum 14400" in one_shown
    assert json.loads(clipshot(server, "get", "--section", "replay", "--json").stdout)["etag"]

    dry = clipshot(server, "set", "replay_seconds=90", "--dry-run")
    assert (dry.exit_code, "would work" in dry.stdout) == (0, True)
    assert clipshot(server, "set", "replay_seconds=90", "cors_origins=http://a,http://b", "DEBUG=false").exit_code == 0
    assert one(server, "cors_origins")["value"] == ["http://a", "http://b"]
    assert "replay_seconds = 90" in (data / "clipshot.toml").read_text()

    refused = clipshot(server, "set", "replay_second=1", "replay_seconds=soon")
    assert refused.exit_code == 1
    assert "did you mean replay_seconds" in refused.stderr
    assert clipshot(server, "set", "replay_seconds").exit_code == 2
    assert clipshot(server, "reset").exit_code == 2
    assert clipshot(server, "reset", "replay_seconds").exit_code == 0
    assert one(server, "replay_seconds")["value"] == 60


def test_the_command_line_exports_and_imports(server: RunningServer, tmp_path: Path) -> None:
    exported = clipshot(server, "export")
    assert "replay_seconds = 30" in exported.stdout
    file = tmp_path / "mine.toml"
    file.write_text("replay_seconds = 33\n")
    assert clipshot(server, "import", str(file), "--dry-run").exit_code == 0
    assert one(server, "replay_seconds")["value"] == 30
    assert clipshot(server, "import", str(file)).exit_code == 0
    assert one(server, "replay_seconds")["value"] == 33
    assert clipshot(server, "import", str(tmp_path / "missing.toml")).exit_code == 2
    assert json.loads(clipshot(server, "schema").stdout)["properties"]["replay_seconds"]["x-unit"] == "seconds"


def test_the_command_line_watches(server: RunningServer) -> None:
    command = [*CLIPSHOT, "--data-dir", str(server.data_dir), "config", "watch"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(KEY)
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        assert "watching" in watching.stderr.readline()
        ok(server, "PATCH", "/config", {"replay_seconds": 34})
        assert watching.stdout.readline() == "replay_seconds: 30 -> 34\n"
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 130
