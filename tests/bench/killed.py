"""kill -9 while recording and buffering: what was given to the encoder and is in neither file afterwards."""

import asyncio
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clipshot_native
from tests.bench.case import SUPERFAST_60
from tests.bench.child import ROOT, environment
from tests.bench.ours import MAX_RING_BYTES, memory_folder
from tests.bench.row import Row, verdict_of

#: How often the victim says how far its encoder is.
REPORT_SECONDS = 0.002


@dataclass(frozen=True)
class Kill:
    """Slots that the encoder had given out as the victim last said, and that are missing."""

    lost_by_ring: int
    lost_by_recording: int


async def measure(display: str) -> Kill:
    """One kill at a random moment, and the recovery of both files."""
    recording = ROOT / "build" / "bench" / "killed.mp4"
    finished = recording.with_name("killed-finished.mp4")
    for left in (recording, finished):
        left.unlink(missing_ok=True)
    with memory_folder() as folder:
        given: dict[str, Any] = {
            "display": display,
            "video": SUPERFAST_60.native(),
            "ring": str(folder / "ring"),
            "recording": str(recording),
        }
        last = kill_in_the_middle(given)
        pin = await clipshot_native.recover_ring(given["ring"])
        ring_end = pin.end_ticks
        pin.release()
        result = await clipshot_native.recover_recording(str(recording), str(finished)).result()
    for left in (recording, finished):
        left.unlink()
    step = clipshot_native.TIMESCALE // SUPERFAST_60.fps
    # `last` is the start of the last packet, the ends are those of the last pictures.
    return Kill(*(max(0, round((last + step - end) / step)) for end in (ring_end, result.end_pts_ticks)))


def kill_in_the_middle(given: dict[str, Any]) -> int:
    """Start the victim, kill it, and return the last PTS that it had reported, in ticks."""
    command = [sys.executable, "-m", "tests.bench.killed", json.dumps(given)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()) as victim:
        assert victim.stdout is not None
        until = time.monotonic() + 3 + random.random() * 2
        last = 0
        while time.monotonic() < until:
            last = int(victim.stdout.readline())
        victim.kill()
        return max([last, *(int(line) for line in victim.stdout if line.endswith("\n"))])


def row(kills: list[Kill]) -> Row:
    """The worst of all."""
    ring, recording = max(kill.lost_by_ring for kill in kills), max(kill.lost_by_recording for kill in kills)
    return Row(
        f"kill -9 while recording and buffering, {len(kills)} times",
        "no encoded frame lost",
        f"{ring} by the ring, {recording} by the recording",
        verdict=verdict_of(ring == recording == 0),
    )


async def main(given: dict[str, Any]) -> None:
    """The victim: records, buffers, and says without end how far its encoder is."""
    source = clipshot_native.list_sources("x11", given["display"])[0]
    video = clipshot_native.VideoConfig(**given["video"])
    running = await clipshot_native.Session.start(source_id=source.source_id, video=video, display=given["display"])
    running.start_ring(given["ring"], 60, MAX_RING_BYTES)
    Path(given["recording"]).unlink(missing_ok=True)
    await running.start_recording(given["recording"])
    while True:
        print(running.stats().last_pts_ticks, flush=True)
        await asyncio.sleep(REPORT_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
