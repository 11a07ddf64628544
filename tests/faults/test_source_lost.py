"""The X server dies while its screen is recorded and buffered."""

import contextlib
import subprocess
from pathlib import Path

import psutil

from tests.acceptance.main.display import virtual_display
from tests.faults.scene import events, get, pictures_in, post, wait_for_event, wait_until_buffered
from tests.rpcs import API
from tests.serving import serving
from tests.waiting import wait_for


def x_server() -> psutil.Process:
    """The process behind the display."""
    (found,) = [child for child in psutil.Process().children() if child.name() == "Xvfb"]
    return found


def test_the_session_ends_with_an_event_and_its_recording_stays(tmp_path: Path) -> None:
    with virtual_display(640, 360) as display, serving(tmp_path / "data", env=display.environment) as server:
        session = post(server, "/capture/sessions", {"mode": "both", "video": {"fps": 30}})
        assert session["backend"] == "x11"
        wait_until_buffered(server, 2)

        x_server().kill()

        lost = wait_for_event(server, "capture:source_lost")["source_lost"]
        assert (lost["session_id"], lost["source_id"]) == (session["session_id"], session["source_id"])
        ended = wait_for(
            lambda: (
                found
                if (found := get(server, f"/capture/sessions/{session['session_id']}"))["state"]
                in ("stopped", "failed")
                else None
            ),
            20,
            "the session has ended",
        )
        assert ended["state"] == "failed"
        assert ended["error"]["details"][0]["reason"] == "SOURCE_LOST"
        assert events(server, "capture:session_failed")
        (clip,) = wait_for(lambda: get(server, "/clips?origins=recorded")["clips"], 20, "the recording is a clip")
        assert clip["session_id"] == session["session_id"]
        assert pictures_in(clip["path"]) == int(clip["video"]["frames"]) > 0

        again = post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "replay"})
        assert again["session_id"] != session["session_id"], "the server captures another source"


def test_what_was_done_goes_on_when_the_screen_is_back(tmp_path: Path) -> None:
    """The X server is started again at its address: what was recorded and buffered is so again, as a new session."""
    with contextlib.ExitStack() as stack:
        display = stack.enter_context(virtual_display(640, 360))
        server = stack.enter_context(serving(tmp_path / "data", env=display.environment))
        video = {"fps": 30, "preset": "ultrafast"}
        asked = {"mode": "both", "title": "A match", "replay_duration": "20s", "video": video}
        first = post(server, "/capture/sessions", asked)
        wait_until_buffered(server, 1)
        x_server().kill()
        wait_for_event(server, "capture:session_failed")
        assert server.call("GET", API + "/capture/sessions/current").status == 400, "nothing is captured meanwhile"

        command = ["Xvfb", display.name, "-screen", "0", "640x360x24", "-nolisten", "tcp"]
        again = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(again.wait)
        stack.callback(again.terminate)
        wait_for(lambda: len(events(server, "capture:session_started")) == 2, 30, "it is captured again")
        now = get(server, "/capture/sessions/current")
        assert now["session_id"] != first["session_id"]
        assert (now["source_id"], now["mode"], now["title"]) == (first["source_id"], "both", "A match")
        assert (now["replay_duration"], now["video"]["preset"]) == ("20s", "ultrafast")
        wait_until_buffered(server, 1)
