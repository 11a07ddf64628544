"""Run as a program: writes clips with their events until it is killed. Prints a line for each one it has committed."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from clipshot.core.clips.clip import Clip
from clipshot.core.events.payloads import ClipCreated
from tests.core_parts import Foundation
from tests.samples import sample


async def main(path: Path, first: int) -> None:
    async with Foundation(path) as parts:
        number = first
        while True:
            clip = replace(sample(Clip), clip_id=f"clp_{number:06}", expire_time=None)
            async with parts.store.write() as tx:
                await tx.clips.put(clip)
                tx.emit(ClipCreated(clip), clip.clip_id)
            print(clip.clip_id, flush=True)
            number += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
