"""The disk of the clips turns read-only under a recording."""

from pathlib import Path

from tests.faults.conftest import FailingDisk
from tests.faults.scene import get, pictures_in, post, seconds_of, wait_for_event, wait_until_buffered
from tests.serving import serving
from tests.waiting import wait_for


def test_the_recording_ends_playable_and_the_buffer_goes_on(tmp_path: Path, failing_disk: FailingDisk) -> None:
    data = tmp_path / "data"
    with serving(data, env={"CLIPSHOT_CLIPS_DIR": str(failing_disk.folder)}) as server:
        session = post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "both", "video": {"fps": 30}})
        wait_until_buffered(server, 2)
        path = Path(get(server, "/capture/sessions/current")["recording"]["path"])
        failing_disk.fail()

        changed = wait_for_event(server, "capture:health_changed", 60)["health_changed"]
        assert (changed["finding"], changed["active"]) == ("recording_failed", True)
        assert changed["session_id"] == session["session_id"]
        now = get(server, "/capture/sessions/current")
        assert (now["state"], now["mode"]) == ("active", "replay")
        assert pictures_in(path) > 30, "what was written before plays"
        held = seconds_of(wait_until_buffered(server, 1)["filled"])
        assert seconds_of(wait_until_buffered(server, held + 1)["filled"]) > held, "the buffer goes on"
        failed = post(server, "/capture/sessions/current:saveReplay", {"duration": "1s", "title": "Kept"})
        assert failed["state"] == "failed"
        assert failed["error"]["details"][0]["reason"] == "CLIPS_DIR_UNUSABLE"
        assert "read-only" in failed["error"]["message"].lower(), "the caller is told why"

    # The moment was promised, so it is kept until a server has a folder to write it to.
    with serving(data, env={"CLIPSHOT_CLIPS_DIR": str(tmp_path / "elsewhere")}) as server:
        (clip,) = wait_for(lambda: get(server, "/clips")["clips"], 20, "the moment is a clip now")
        assert clip["title"] == "Kept"
        assert pictures_in(clip["path"]) == int(clip["video"]["frames"]) > 0
