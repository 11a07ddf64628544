"""Records and buffers until it is killed; a process of its own for the tests of that.

Each line of its output says how much is in the recording (ticks) and where the ring ends (ticks), as written to the
files before the line was.
"""

import asyncio
import sys
from pathlib import Path

import clipshot_native as native


async def main(folder: Path) -> None:
    video = native.VideoConfig(fps=60, preset="ultrafast")
    session = await native.Session.start(source_id="test:clock:640x360", video=video)
    session.start_ring(str(folder / "ring"), 60.0, 0)
    await session.start_recording(str(folder / "a.mp4"))
    while True:
        print(session.stats().recording_ticks, session.ring_status().newest_ticks, flush=True)
        await asyncio.sleep(0.002)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
