"""The server's children die: the gateway comes back at its address, a worker's task fails with a reason. The server
dies: no child outlives it."""

import concurrent.futures
import shutil
import time
from pathlib import Path

from tests.contract.scene import Scene
from tests.faults.scene import (
    child_named,
    descendants,
    events,
    get,
    post,
    wait_for_event,
    wait_until_buffered,
    wait_until_gone,
)
from tests.rpcs import call
from tests.serving import serving, start_server
from tests.waiting import wait_for


def test_a_killed_gateway_answers_again_at_the_same_address(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--replay") as server:
        wait_until_buffered(server, 1)
        before = get(server, "/capture/sessions/current")
        for number in range(3):
            gateway = child_named(server, "clipshot-gateway")
            gateway.kill()
            began = time.monotonic()
            # One call, made while nobody serves: the socket outlives the gateway, so it waits in the queue.
            assert server.call("GET", "/healthz", timeout=20).status == 200
            print(f"\nkill {number + 1}: answered after {time.monotonic() - began:.2f} s")
            assert child_named(server, "clipshot-gateway").pid != gateway.pid
        told = [event["system_degraded"] for event in events(server, "system:degraded")]
        assert [one["recovered"] for one in told if one["component"] == "gateway"] == [False, True] * 3
        after = get(server, "/capture/sessions/current")
        assert (after["session_id"], after["state"]) == (before["session_id"], "active"), "capture did not notice"
        assert int(after["stats"]["captured_frames"]) > int(before["stats"]["captured_frames"])


def test_grpc_works_while_the_gateway_does_not(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        child_named(server, "clipshot-gateway").kill()
        assert call(server, "SystemService.GetVersion").version


def test_a_killed_worker_fails_its_task_with_a_reason(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--replay", env={"CLIPSHOT_MAX_WORKERS": "1"}) as server:
        scene = Scene(server)
        clip = scene.new_clip()
        assert server.call("GET", f"/api/v1/clips/{clip}/thumbnail").status == 200
        worker = child_named(server, "clipshot.worker")
        other = scene.new_clip()
        worker.suspend()  # so that the next task is surely with it when it dies
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = pool.submit(server.call, "GET", f"/api/v1/clips/{other}/thumbnail")
            time.sleep(0.5)
            assert not waiting.done()
            worker.kill()
            answer = waiting.result(20)
        assert answer.status == 503
        assert answer.json()["details"][0]["reason"] == "WORKER_DIED"
        assert server.call("GET", f"/api/v1/clips/{other}/thumbnail").status == 200, "the next worker does it"


def test_no_child_outlives_a_killed_server(tmp_path: Path) -> None:
    server = start_server(tmp_path / "data", "--replay")
    clip = Scene(server).new_clip()
    assert server.call("GET", f"/api/v1/clips/{clip}/thumbnail").status == 200
    children = descendants(server)
    names = " ".join(" ".join(child.cmdline()) for child in children)
    assert "clipshot-gateway" in names
    assert "clipshot.worker" in names
    ring = Path(get(server, "/capture/sessions/current/replay")["path"])
    server.kill()
    wait_until_gone(children)
    shutil.rmtree(ring)  # it lies in memory and nobody will recover it


def test_a_killed_server_starts_again_and_finishes_its_save(tmp_path: Path) -> None:
    server = start_server(tmp_path / "data", "--replay")
    wait_until_buffered(server, 4)
    saving = post(server, "/capture/sessions/current:saveReplay", {"no_wait": True})
    wait_for_event(server, "capture:replay_pinned")
    server.kill()
    with serving(tmp_path / "data") as again:
        ended = wait_for(
            lambda: (
                found
                if (found := get(again, f"/operations/{saving['operation_id']}"))["state"] not in ("pending", "running")
                else None
            ),
            30,
            "the save has ended",
        )
        assert ended["state"] == "succeeded", ended
