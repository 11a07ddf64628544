"""kill -9 at random moments, whatever the server is doing: nothing that the encoder had given out is lost."""

import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scene import events, get, pictures_in, seconds_of
from tests.rpcs import API
from tests.serving import RunningServer, start_server
from tests.waiting import wait_for

KILLS, SOAK_KILLS = 20, 200
SOURCE = "test:clock"
VIDEO: dict[str, Any] = {"fps": 30, "preset": "ultrafast", "width": 320, "height": 180}


@dataclass
class Doomed:
    """What was known of a server when it was killed."""

    session_id: str
    recorded: float
    doing: str
    saves: list[str]
    stopped: bool


def nothing(server: RunningServer, doomed: Doomed) -> None:
    """It records and buffers, and nobody calls."""


def save(server: RunningServer, doomed: Doomed) -> None:
    """A replay is asked for."""
    answer = server.call("POST", f"{API}/capture/sessions/current:saveReplay", {"no_wait": True})
    if answer.status == 200:
        doomed.saves.append(answer.json()["operation_id"])


def mark(server: RunningServer, doomed: Doomed) -> None:
    """A marker is set."""
    server.call("POST", f"{API}/capture/sessions/current/markers", {"label": "here"})


def stop_recording(server: RunningServer, doomed: Doomed) -> None:
    """The recording ends."""
    doomed.stopped = True
    server.call("POST", f"{API}/capture/sessions/current:stop", {"what": "recording"})


ACTIONS: tuple[Callable[[RunningServer, Doomed], None], ...] = (nothing, save, mark, stop_recording)


@pytest.mark.timeout(4000)
def test_killed_at_random_moments(tmp_path: Path, soak: bool) -> None:
    seed = int(os.environ.get("CLIPSHOT_TEST_SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    print(f"\nseed {seed} (CLIPSHOT_TEST_SEED repeats it)")
    data, lost, doomed = tmp_path / "data", 0, None
    for number in range(SOAK_KILLS if soak else KILLS):
        server = start_server(data)
        if doomed is not None:
            lost += check(server, doomed, number)
        doomed = run_and_kill(server, chance)
    server = start_server(data)
    assert doomed is not None
    lost += check(server, doomed, SOAK_KILLS if soak else KILLS)
    assert server.stop() == 0
    print(f"lost in all: {lost} pictures")
    assert lost == 0


def run_and_kill(server: RunningServer, chance: random.Random) -> Doomed:
    body = {"source_id": SOURCE, "mode": "both", "video": VIDEO}
    answer = server.call("POST", f"{API}/capture/sessions", body)
    assert answer.status == 201, answer.body
    action = chance.choice(ACTIONS)
    doomed = Doomed(answer.json()["session_id"], 0.0, action.__name__, [], False)
    time.sleep(chance.uniform(0.05, 1.2))
    doomed.recorded = recorded(server, doomed.session_id)
    calling = threading.Thread(target=tolerant, args=(action, server, doomed))
    calling.start()
    time.sleep(chance.choice((0.0, chance.uniform(0, 0.02), chance.uniform(0, 0.3))))
    server.kill()
    calling.join()
    return doomed


def tolerant(action: Callable[[RunningServer, Doomed], None], server: RunningServer, doomed: Doomed) -> None:
    """A call that the kill may cut off."""
    try:
        action(server, doomed)
    except OSError:
        return


def recorded(server: RunningServer, session_id: str) -> float:
    """Seconds that the encoder has given to the recording."""
    recording = get(server, f"/capture/sessions/{session_id}").get("recording")
    return seconds_of(recording["duration"]) if recording else 0.0


def check(server: RunningServer, doomed: Doomed, number: int) -> int:
    """Everything is there again: returns how many pictures are not."""
    clips = wait_for(lambda: recording_of(server, doomed.session_id), 60, "the recording is a clip")
    wait_for(lambda: not unfinished(server), 60, "nothing more is being made")
    for operation_id in doomed.saves:
        # What was answered is kept; what was not may have been cut off before anything was promised.
        operation = get(server, f"/operations/{operation_id}")
        assert operation["state"] == "succeeded", operation
        saved = operation["saved_clip"]
        assert pictures_in(saved["path"]) == int(saved["frames"]) > 0
    assert len(clips) == 1, f"one clip of the recording: {clips}"
    (clip,) = clips
    assert pictures_in(clip["path"]) == int(clip["video"]["frames"])
    found = seconds_of(clip["duration"])
    lost = max(round((doomed.recorded - found) * VIDEO["fps"]), 0)
    print(f"kill {number}: {doomed.doing:14} recorded {doomed.recorded:.3f} s, recovered {found:.3f} s, {lost} lost")
    return lost


def unfinished(server: RunningServer) -> list[Any]:
    found: list[Any] = get(server, "/operations?states=pending&states=running")["operations"]
    return found


def recording_of(server: RunningServer, session_id: str) -> list[dict[str, Any]]:
    """Clips of a session's recording, made by the recovery or, where it had been stopped, by the one before the kill."""
    recovered = [
        event["session_recovered"]["clip_id"]
        for event in events(server, "capture:session_recovered")
        if event["session_recovered"]["session_id"] == session_id and event["session_recovered"]["what"] == "recording"
    ]
    clips = [clip for clip in get(server, "/clips?page_size=500")["clips"] if clip["session_id"] == session_id]
    return [clip for clip in clips if clip["clip_id"] in recovered or clip["origin"] == "recorded"]
