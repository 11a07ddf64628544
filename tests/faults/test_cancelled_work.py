"""Long work of each kind: its progress rises, and cancelled it ends soon and leaves nothing half."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scene import files_of, get, pictures_in, post, wait_until_buffered
from tests.rpcs import API
from tests.serving import RunningServer, serving, start_server
from tests.waiting import wait_for

HEAVY = {"fps": 30, "preset": "ultrafast", "rate_control": {"mode": "crf", "crf": 1, "max_bitrate_kbps": 400_000}}
TRIES = 2
"""Work may be done before the cancellation reaches it; then it is begun once more."""

Begin = Callable[[RunningServer], str]


def begin_save(server: RunningServer) -> str:
    """A replay is saved; the operation."""
    wait_until_buffered(server, 4)
    return str(post(server, "/capture/sessions/current:saveReplay", {"no_wait": True})["operation_id"])


def begin_finish(server: RunningServer) -> str:
    """A recording is finished; the operation."""
    post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "record"})
    time.sleep(3)
    session = post(server, "/capture/sessions/current:stop", {"what": "recording"})["session_id"]
    return newest(server, "finish_recording", session)


def newest(server: RunningServer, kind: str, session: str) -> str:
    found = get(server, "/operations?page_size=50")["operations"]
    return str(next(one["operation_id"] for one in found if one["kind"] == kind and session in one["resource"]))


@pytest.mark.parametrize("begin", [begin_save, begin_finish])
def test_cancelled_work_leaves_nothing(tmp_path: Path, begin: Begin) -> None:
    with serving(tmp_path / "data") as server:
        post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "replay", "video": HEAVY})
        for _ in range(TRIES):
            clips = {clip["clip_id"] for clip in get(server, "/clips?page_size=500")["clips"]}
            operation_id = begin(server)
            server.call("POST", f"{API}/operations/{operation_id}:cancel", {})
            began = time.monotonic()
            ended = wait_for(lambda of=operation_id: ended_one(server, of), 30, "it has ended")
            if ended["state"] == "cancelled":
                print(f"\n{ended['kind']}: ended {(time.monotonic() - began) * 1000:.0f} ms after it was cancelled")
                break
        else:
            print(f"\n{ended['kind']}: done before it could be cancelled, {TRIES} times")
            return
        assert {clip["clip_id"] for clip in get(server, "/clips?page_size=500")["clips"]} == clips
        known = {clip["path"] for clip in get(server, "/clips?page_size=500")["clips"]}
        visible = [path for path in files_of(server.data_dir / "clips") if not hidden(path, server)]
        assert {str(path) for path in visible} == known, "nothing half is left"
        again = post(server, "/capture/sessions/current:saveReplay", {"duration": "2s"})
        assert again["state"] == "succeeded", "and the next one is made"


@pytest.mark.parametrize("begin", [begin_save, begin_finish])
def test_progress_rises(tmp_path: Path, begin: Begin) -> None:
    with serving(tmp_path / "data") as server:
        post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "replay", "video": HEAVY})
        seen = watch(server, begin(server))
        assert seen[-1]["state"] == "succeeded"
        shares = [one["progress"] for one in seen]
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert pictures_in(seen[-1]["saved_clip"]["path"]) > 0


def test_recovery_is_an_operation_too(tmp_path: Path) -> None:
    server = start_server(tmp_path / "data")
    post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "both", "video": HEAVY})
    wait_until_buffered(server, 3)
    server.kill()
    with serving(tmp_path / "data") as again:
        wait_for(lambda: len(get(again, "/clips?origins=recovered")["clips"]) == 2, 60, "ring and recording are clips")
        kinds = [one for one in get(again, "/operations")["operations"] if one["kind"] == "recover"]
        assert [one["state"] for one in kinds] == ["succeeded"] * 2
        assert [one["progress"] for one in kinds] == [1, 1]


def ended_one(server: RunningServer, operation_id: str) -> dict[str, Any] | None:
    one: dict[str, Any] = get(server, f"/operations/{operation_id}")
    return one if one["state"] not in ("pending", "running") else None


def watch(server: RunningServer, operation_id: str) -> list[dict[str, Any]]:
    """What is seen of an operation until it has ended."""
    seen = []
    while True:
        seen.append(get(server, f"/operations/{operation_id}"))
        if seen[-1]["state"] not in ("pending", "running"):
            return seen


def hidden(path: Path, server: RunningServer) -> bool:
    """What lies in folders that are the server's own: recordings whose clip was given up, kept for the next start."""
    return any(part.startswith(".") for part in path.relative_to(server.data_dir / "clips").parts)
