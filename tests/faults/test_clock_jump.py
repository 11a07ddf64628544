"""The wall clock jumps while it records and buffers: media time goes on as if nothing had happened."""

import itertools
from datetime import datetime, timedelta
from pathlib import Path

import av
import pytest

from tests.faults.scene import events, get, post, seconds_of, wait_until_buffered
from tests.serving import serving

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def steps_of(path: str) -> list[float]:
    """Seconds between neighbouring pictures of a file."""
    with av.open(path) as container:
        base = container.streams.video[0].time_base
        assert base is not None
        times = sorted(packet.pts for packet in container.demux(video=0) if packet.pts is not None)
        return [float((after - before) * base) for before, after in itertools.pairwise(times)]


def test_the_wall_clock_jumps_both_ways(tmp_path: Path) -> None:
    if not FAKETIME.exists():
        pytest.skip("libfaketime is not installed, and the machine's own clock is not ours to change")
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    environment = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with serving(tmp_path / "data", env=environment) as server:
        post(server, "/capture/sessions", {"source_id": "test:clock", "mode": "both", "video": {"fps": 30}})
        held = 2.0
        for offset in ("+3600s", "-7200s", "+0"):
            wait_until_buffered(server, held)
            clock.write_text(f"{offset}\n")
            held += 2.0
            post(server, "/capture/sessions/current/markers", {"label": offset})
        held = seconds_of(wait_until_buffered(server, held)["filled"])
        assert held < 60, "time did not jump with the clock"
        saved = post(server, "/capture/sessions/current:saveReplay", {"duration": "6s", "start": "clean"})["saved_clip"]
        assert abs(seconds_of(saved["duration"]) - 6) < 0.1
        stopped = post(server, "/capture/sessions/current:stop", {"what": "all"})
        assert stopped["state"] == "stopped"
        session = stopped["session_id"]
        times = [seconds_of(marker["at"]) for marker in get(server, f"/capture/sessions/{session}/markers")["markers"]]
        assert times == sorted(times), "markers lie in session time, not on the clock"
        assert max(times) < held + 5
        told = [datetime.fromisoformat(event["time"]) for event in events(server, "*")]
        assert max(told) - min(told) > timedelta(minutes=30), "the clock did jump under the server"
        assert max(steps_of(saved["path"])) < 1.2, "no hole"
