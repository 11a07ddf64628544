"""Damaged data is set aside for whoever wants to repair it, never overwritten, and the server starts."""

import contextlib
import hashlib
import os
from pathlib import Path

import pytest

from tests.faults.scene import events, get, pictures_in, post, wait_until_buffered
from tests.serving import RunningServer, serving, start_server
from tests.waiting import wait_for


def digests_below(*folders: Path) -> set[str]:
    """Of every file's bytes; a running server may remove some of its own meanwhile."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    found = set()
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            found.add(digest(path.read_bytes()))
    return found


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_clip(server: RunningServer) -> dict[str, object]:
    wait_until_buffered(server, 1)
    saved: dict[str, object] = post(server, "/capture/sessions/current:saveReplay", {"duration": "1s"})["saved_clip"]
    return saved


@pytest.mark.parametrize("damage", ["garbage", "cut", "empty", "page"])
def test_a_damaged_database(tmp_path: Path, damage: str) -> None:
    data = tmp_path / "data"
    with serving(data, "--replay") as server:
        make_clip(server)
    database = data / "clipshot.db"
    for wal in data.glob("clipshot.db-*"):
        wal.unlink()
    whole = database.read_bytes()
    damaged = {
        "garbage": os.urandom(len(whole)),
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "page": whole[:100] + b"\xff" * (len(whole) - 100),
    }[damage]
    database.write_bytes(damaged)
    clips = digests_below(data / "clips")
    assert clips

    with serving(data, "--replay") as server:
        assert get(server, "/system/health")["database"] == "connected"
        assert get(server, "/clips")["clips"] is not None
        make_clip(server)
        if damage != "empty":
            assert digest(damaged) in digests_below(data), "the damaged file is kept as it was"
            told = [event["system_degraded"]["component"] for event in events(server, "system:degraded")]
            assert "database" in told, "somebody is told"
        assert clips <= digests_below(data / "clips"), "no clip was touched"


def test_a_damaged_ring(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = kill_while_buffering(data)
    ring = Path(get(server, "/capture/sessions/current/replay")["path"])
    server.kill()
    try:
        segments = [path for path in ring.rglob("*") if path.is_file() and path.stat().st_size > 0]
        assert segments, "a killed server leaves its ring"
        garbage = []
        for path in segments:
            garbage.append(os.urandom(path.stat().st_size))
            path.write_bytes(garbage[-1])
        with serving(data, "--replay") as again:
            wait_until_buffered(again, 1)
            assert make_clip(again)
            place = ring.parents[2]
            kept = digests_below(data, place)
            assert {digest(one) for one in garbage} <= kept, "what cannot be read is set aside, not deleted"
    finally:
        # What was set aside lies in memory; it belongs to this test alone.
        for path in sorted(ring.parents[2].rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


def kill_while_buffering(data: Path) -> RunningServer:
    server = start_server(data, "--replay")
    wait_until_buffered(server, 2)
    return server


def test_a_ring_with_a_torn_end_is_a_clip(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = kill_while_buffering(data)
    ring = Path(get(server, "/capture/sessions/current/replay")["path"])
    server.kill()
    newest = max(
        (path for path in ring.iterdir() if path.stat().st_size > 10_000), key=lambda path: path.stat().st_mtime
    )
    with newest.open("r+b") as file:
        file.truncate(newest.stat().st_size - 7)
    with serving(data) as again:
        (clip,) = wait_for(lambda: get(again, "/clips?origins=recovered")["clips"], 30, "the buffer is a clip")
        assert pictures_in(clip["path"]) == int(clip["video"]["frames"]) > 0
