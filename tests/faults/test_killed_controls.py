"""The server is killed while a recording is paused, split, and a save still goes on after its call."""

from pathlib import Path

from tests.faults.scene import get, pictures_in, post, seconds_of, wait_until_buffered
from tests.serving import serving, start_server
from tests.waiting import wait_for


def test_everything_is_a_clip_once_after_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    killed = start_server(data)
    asked = {"source_id": "test:clock", "mode": "both", "title": "Match", "game": "Quake"}
    session = post(killed, "/capture/sessions", asked)["session_id"]
    wait_until_buffered(killed, 1)
    post(killed, f"/capture/sessions/{session}/markers", {"label": "Goal"})
    wait_until_buffered(killed, 1.5)
    post(killed, f"/capture/sessions/{session}:split", {})
    wait_until_buffered(killed, 2.5)
    paused = post(killed, f"/capture/sessions/{session}:pause", {})
    assert (paused["state"], paused["recording"]["part"], paused["recording"]["paused"]) == ("paused", 2, True)
    save = post(killed, f"/capture/sessions/{session}:saveReplay", {"duration": "1s", "post_roll": "500s"})
    assert save["state"] == "running"
    wait_until_buffered(killed, 3)
    killed.kill()

    with serving(data) as server:
        clips = wait_for(lambda: found if len(found := get(server, "/clips")["clips"]) >= 4 else None, 40, "four clips")
        by_title = sorted((clip["origin"], clip["title"]) for clip in clips)
        assert len(clips) == 4
        assert {clip["game"] for clip in clips} == {"Quake"}
        assert [title for origin, title in by_title if title.startswith("Match")] == ["Match", "Match, part 2"]
        assert [origin for origin, _ in by_title].count("replay") == 1
        for clip in clips:
            assert Path(clip["path"]).parent.name == "Quake"
            assert pictures_in(clip["path"]) == int(clip["video"]["frames"]) > 0
        first = next(clip for clip in clips if clip["title"] == "Match")
        assert [marker["label"] for marker in first["markers"]] == ["Goal"]
        assert get(server, f"/operations/{save['operation_id']}")["state"] == "succeeded"
        dead = get(server, f"/capture/sessions/{session}")
        assert dead["state"] == "failed"
        assert seconds_of(dead["duration"]) > 2.9
