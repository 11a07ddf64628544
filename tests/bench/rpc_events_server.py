"""The measured core: publishes at a steady rate when it is told to, and says what rate it reached."""

import asyncio
import sys
import time
from pathlib import Path

from clipshot.core.events.event import Priority
from clipshot.core.events.payloads import Custom
from tests.bench.rpc_events import BATCH, RATE
from tests.core_parts import Foundation, served


async def main(folder: Path, seconds: int) -> None:
    """The process."""
    async with Foundation(folder / "clipshot.db") as foundation, served(foundation, folder) as core:
        print(core.server.port, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        began = time.monotonic()
        for number in range(0, RATE * seconds, BATCH):
            late = began + number / RATE - time.monotonic()
            if late > 0:
                await asyncio.sleep(late)
            async with foundation.store.write() as tx:
                for each in range(BATCH):
                    said = Custom({"number": float(number + each), "sent": time.monotonic()})
                    tx.emit_custom("bench:happened", said, "things/1", Priority.NORMAL)
        print(RATE * seconds / (time.monotonic() - began), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
