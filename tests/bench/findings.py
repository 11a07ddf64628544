"""What looking after a session costs: ``python -m tests.bench.findings``. Target: below 0.5 % of a core.

One look a second at a session that records and buffers the built-in picture; what is measured is the time of the looks
alone, by CPU time of the thread that makes them.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from clipshot.core.capture.findings_watch import SECONDS
from clipshot.core.capture.requests import StartRequest
from clipshot.core.capture.session import SessionMode
from tests.bench.machine import machine_facts
from tests.integration.studio import SOURCE, Studio, studio_in

LOOKS = 2000
TARGET_PERCENT = 0.5


async def cost_of_a_look(studio: Studio) -> float:
    """Seconds of the processor for one look at all sessions."""
    watch = studio.capture.findings_watch
    await watch.look()
    begun = time.thread_time()
    for _ in range(LOOKS):
        await watch.look()
    return (time.thread_time() - begun) / LOOKS


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        async with studio_in(Path(folder)) as studio:
            await studio.capture.start_session(StartRequest(SOURCE, SessionMode.BOTH), None)
            await studio.until_captured(2)
            seconds = await cost_of_a_look(studio)
    percent = 100 * seconds / SECONDS
    verdict = "pass" if percent < TARGET_PERCENT else "short"
    print(
        f"a look at one session: {seconds * 1e6:.0f} us, {percent:.4f} % of a core (target {TARGET_PERCENT} %): {verdict}"
    )
    facts = machine_facts()
    print(f"{facts['cpu']}, {facts['cores']} cores")


if __name__ == "__main__":
    asyncio.run(main())
