"""The X server dies while its screen is recorded and buffered."""

from pathlib import Path

import psutil

from tests.acceptance.main.display import virtual_display
from tests.faults.scene import events, get, pictures_in, post, wait_for_event, wait_until_buffered
from tests.serving import serving
from tests.waiting import wait_for


def test_the_session_ends_with_an_event_and_its_recording_stays(tmp_path: Path) -> None:
    with virtual_display(640, 360) as display, serving(tmp_path / "data", env=display.environment) as server:
        session = post(server, "/capture/sessions", {"mode": "both", "video": {"fps": 30}})
        assert session["backend"] == "x11"
        wait_until_buffered(server, 2)

        (x_server,) = [child for child in psutil.Process().children() if child.name() == "Xvfb"]
        x_server.kill()

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
