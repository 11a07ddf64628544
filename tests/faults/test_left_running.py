"""A server that is left running, recording in parts and saving now and then: nothing grows, nothing is lost.

With ``--soak`` for two hours (``--soak-minutes``); in the quick form for half a minute, which shows only that it works.
"""

import time
from pathlib import Path

import psutil
import pytest

from tests.acceptance.main.display import virtual_display
from tests.acceptance.main.picture import painting
from tests.faults.scene import get, pictures_in, post, seconds_of, wait_until_buffered
from tests.native.sound_server import playing, sound_server
from tests.rpcs import API
from tests.serving import RunningServer, serving
from tests.waiting import wait_for

QUICK_SECONDS = 30.0
SAVE_EVERY = 10.0
PART_SECONDS = 10
KEEP = 40
"""Clips that are kept; older ones are deleted for good, so that the disk does not fill."""


@pytest.mark.timeout(6 * 3600)
def test_left_running(tmp_path: Path, soak: bool, request: pytest.FixtureRequest) -> None:
    seconds = request.config.getoption("--soak-minutes") * 60 if soak else QUICK_SECONDS
    with (
        virtual_display(1280, 720) as display,
        sound_server() as sound,
        playing(sound),
        painting(display, 30, tmp_path),
        serving(
            tmp_path / "data",
            env=display.environment
            | {"PULSE_SERVER": sound.address, "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"},
        ) as server,
    ):
        body = {"mode": "both", "video": {"fps": 30}, "split": {"max_duration": f"{PART_SECONDS}s"}}
        session = post(server, "/capture/sessions", body)["session_id"]
        wait_until_buffered(server, 5)
        process = psutil.Process(server.process.pid)
        began, memory, saves, lost, parts = time.monotonic(), [], 0, 0, 0
        previous = None
        while time.monotonic() - began < seconds:
            time.sleep(SAVE_EVERY)
            saved = post(server, "/capture/sessions/current:saveReplay", {"since_last_save": True})["saved_clip"]
            saves += 1
            if previous is not None:
                lost += saved["actual_start"] != previous
            previous = saved["actual_end"]
            assert pictures_in(saved["path"]) == int(saved["frames"])
            memory.append(process.memory_info().rss / (1 << 20))
            parts = int(get(server, "/capture/sessions/current")["recording"]["part"])
            prune(server)
        now = get(server, f"/capture/sessions/{session}")
        assert now["state"] == "active"
        stats = now["stats"]
        print(
            f"\n{time.monotonic() - began:.0f} s: {saves} saves, {lost} not joined to the one before, {parts} parts, "
            f"{stats['captured_frames']} pictures, dropped {stats['dropped_frames']}, "
            f"core {memory[0]:.0f} MiB at first, {memory[-1]:.0f} at last, {process.num_fds()} descriptors, "
            f"{process.num_threads()} threads"
        )
        assert lost == 0
        assert parts >= seconds // (PART_SECONDS + 5)
        half = memory[len(memory) // 2 :]
        assert not soak or max(half) - min(half) < 24, "memory is flat in the second half"
        stopped = post(server, f"/capture/sessions/{session}:stop", {"what": "all"})
        assert stopped["state"] == "stopped"
        assert seconds_of(stopped["duration"]) >= seconds


def prune(server: RunningServer) -> None:
    """Delete the oldest clips for good."""
    clips = get(server, "/clips?page_size=500")["clips"]
    for clip in clips[KEEP:]:
        server.call("DELETE", f"{API}/clips/{clip['clip_id']}")
    if len(clips) > KEEP:
        wait_for(lambda: post(server, "/clips:purge", {}) is not None, 10, "purged")
