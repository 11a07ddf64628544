"""Another program holds the database's lock: capture goes on, readers read, writers are told to try again."""

import sqlite3
from pathlib import Path

from tests.faults.scene import get, post, wait_until_buffered
from tests.rpcs import API
from tests.serving import serving


def test_a_locked_database(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--replay") as server:
        wait_until_buffered(server, 1)
        before = get(server, "/capture/sessions/current")["stats"]
        other = sqlite3.connect(server.data_dir / "clipshot.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            assert get(server, "/clips")["clips"] == [], "readers are not held up"
            refused = server.call("POST", f"{API}/capture/sessions/current:saveReplay", {"duration": "1s"})
            assert refused.status == 503, refused.body
            assert refused.json()["details"][0]["reason"] == "DATABASE_BUSY"
            during = get(server, "/capture/sessions/current")
            assert during["state"] == "active"
            assert int(during["stats"]["encoded_frames"]) > int(before["encoded_frames"]) + 60, "capture did not notice"
        finally:
            other.rollback()
            other.close()
        saved = post(server, "/capture/sessions/current:saveReplay", {"duration": "4s"})["saved_clip"]
        assert float(saved["duration"].removesuffix("s")) > 3.9, "what was shown meanwhile is in the buffer"
        assert len(get(server, "/clips")["clips"]) == 1, "the refused save left nothing"
        assert len(list((server.data_dir / "clips").rglob("*.mp4"))) == 1
