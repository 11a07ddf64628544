"""Records until it is killed; a process of its own for the tests of that.

``recorder FOLDER`` also buffers; each line of its output says how much is in the recording (ticks) and where the ring
ends (ticks), as written to the files before the line was. ``recorder FOLDER pausing`` pauses again and again; a line
says how often, and how much is in the recording. ``recorder FOLDER splitting`` goes on in file after file; a line says
the number of the newest, and how many pictures were dropped so far.
"""

import asyncio
import sys
from pathlib import Path

import clipshot_native as native


async def buffering(session: native.Session, folder: Path) -> None:
    """Ring and recording."""
    session.start_ring(str(folder / "ring"), 60.0, 0)
    await session.start_recording(str(folder / "a.mp4"))
    while True:
        print(session.stats().recording_ticks, session.ring_status().newest_ticks, flush=True)
        await asyncio.sleep(0.002)


async def pausing(session: native.Session, folder: Path) -> None:
    """A recording that pauses."""
    await session.start_recording(str(folder / "a.mp4"))
    for pauses in range(1, 1000):
        await asyncio.sleep(0.3)
        await session.pause_recording()
        await asyncio.sleep(0.3)
        await session.resume_recording()
        await asyncio.sleep(0.1)
        print(pauses, session.stats().recording_ticks, flush=True)


async def splitting(session: native.Session, folder: Path) -> None:
    """A recording of many files."""
    await session.start_recording(str(folder / "0.mp4"))
    for number in range(1, 1000):
        await asyncio.sleep(0.2)
        await session.split_recording(str(folder / f"{number}.mp4"))
        dropped = session.stats().dropped
        print(number, dropped["late"] + dropped["queue"], flush=True)


async def main(folder: Path, work: str) -> None:
    video = native.VideoConfig(fps=60, preset="ultrafast")
    session = await native.Session.start(source_id="test:clock:640x360", video=video)
    await {"buffering": buffering, "pausing": pausing, "splitting": splitting}[work](session, folder)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "buffering"))
