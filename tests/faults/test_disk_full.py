"""A disk fills up under a recording, and under the replay buffer."""

import contextlib
from pathlib import Path

from tests.faults.conftest import MakeSmallDisk
from tests.faults.scene import events, get, pictures_in, post, seconds_of, wait_for_event, wait_until_buffered
from tests.serving import serving
from tests.waiting import wait_for

#: Fills a small disk fast: next to lossless.
HEAVY = {"fps": 30, "rate_control": {"mode": "crf", "crf": 4, "max_bitrate_kbps": 100_000}}


def test_the_recording_ends_playable_and_the_buffer_goes_on(tmp_path: Path, small_disk: MakeSmallDisk) -> None:
    clips = small_disk("clips", 12 << 20)
    with serving(tmp_path / "data", env={"CLIPSHOT_CLIPS_DIR": str(clips)}) as server:
        wait_for(
            lambda: [low for low in events(server, "system:storage_low") if low["storage_low"]["path"] == str(clips)],
            30,
            "the small disk is told before it is full",
        )
        session = post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "both", "video": HEAVY})

        changed = wait_for_event(server, "capture:health_changed", 60)["health_changed"]
        assert (changed["finding"], changed["active"]) == ("recording_disk_full", True)
        assert changed["session_id"] == session["session_id"]
        (clip,) = wait_for(lambda: get(server, "/clips")["clips"], 30, "what was recorded is a clip")
        assert (clip["origin"], clip["state"]) == ("recorded", "ready")
        assert pictures_in(clip["path"]) == int(clip["video"]["frames"]) > 0

        now = get(server, "/capture/sessions/current")
        assert (now["state"], now["mode"]) == ("active", "replay")
        assert now.get("recording") is None
        held = seconds_of(wait_until_buffered(server, 1)["filled"])
        assert seconds_of(wait_until_buffered(server, held + 1)["filled"]) > held, "the buffer goes on"

        answer = server.call("POST", "/api/v1/capture/sessions/current:saveReplay", {"duration": "1s"})
        assert answer.status in (200, 429), "a save says that there is no room, or finds some"
        left = [path for path in clips.rglob("*") if path.is_file() and path.suffix == ".mp4"]
        assert all(pictures_in(path) > 0 for path in left), "nothing half is left"


def test_the_buffer_moves_into_memory_when_its_disk_is_full(tmp_path: Path, small_disk: MakeSmallDisk) -> None:
    temp = small_disk("temp", 3 << 20)
    # More than half of what any memory-backed folder has, so that the buffer has to live in the small one.
    environment = {"CLIPSHOT_TEMP_DIR": str(temp), "CLIPSHOT_REPLAY_MAX_BYTES": str(1 << 40), "XDG_RUNTIME_DIR": ""}
    with serving(tmp_path / "data", env=environment) as server:
        post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "replay", "video": HEAVY})
        first = wait_until_buffered(server, 0.2)
        assert Path(first["path"]).is_relative_to(temp)

        changed = wait_for_event(server, "capture:health_changed", 60)["health_changed"]
        assert (changed["finding"], changed["active"]) == ("ring_in_memory", True)
        held = get(server, "/capture/sessions/current/replay")
        assert held["storage"] == "anonymous_memory"
        wait_until_buffered(server, seconds_of(held["filled"]) + 2)
        saved = post(server, "/capture/sessions/current:saveReplay", {"duration": "3s"})["saved_clip"]
        assert pictures_in(saved["path"]) == int(saved["frames"]) > 30
        findings = [event["health_changed"]["finding"] for event in events(server, "capture:health_changed")]
        assert findings == ["ring_in_memory"], "one event for the move, not one for each keyframe"


def test_a_save_that_found_no_room_is_made_when_there_is_some(tmp_path: Path, small_disk: MakeSmallDisk) -> None:
    clips = small_disk("clips", 8 << 20)
    filler = clips / "filler"
    with serving(tmp_path / "data", env={"CLIPSHOT_CLIPS_DIR": str(clips)}) as server:
        post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "replay", "video": {"fps": 30}})
        wait_until_buffered(server, 2)
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 65536):
                pass
        asked = {"duration": "2s", "title": "No room"}
        failed = post(server, "/capture/sessions/current:saveReplay", asked)
        assert failed["state"] == "failed", failed
        assert get(server, "/clips")["clips"] == []
        filler.unlink()
        (clip,) = wait_for(lambda: get(server, "/clips")["clips"], 60, "the moment is a clip without another call")
        assert clip["title"] == "No room"
        assert pictures_in(clip["path"]) == int(clip["video"]["frames"]) >= 55
        told = [event["replay_saved"]["saved_clip"]["clip_id"] for event in events(server, "capture:replay_saved")]
        assert told == [clip["clip_id"]]
