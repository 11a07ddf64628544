"""Two thousand events a second to twenty subscribers, while one more never reads."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.child import environment
from tests.bench.row import Row, verdict_of
from tests.bench.spread import Spread

RATE, SUBSCRIBERS = 2000, 20
BATCH = 20
"""Events in a transaction: a change that tells of one thing is rare, one that tells of hundreds too."""


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], dict[str, Any]]:
    """The core's event store and gRPC server in one process, all subscribers in another."""
    folder.mkdir(parents=True)
    found = asyncio.run(_measure(folder, 8 if quick else 20))
    lost, gaps, spread = found["lost"], found["stuck_gaps"], Spread.of(found.pop("delays_ms"))
    row = Row(
        f"events: {RATE} a second to {SUBSCRIBERS} subscribers, one more stuck",
        "none lost; the stuck one gets a Gap",
        f"{found['rate']:.0f} a second, {lost} lost, {spread.text('ms')}; {gaps} gap told to the stuck one",
        verdict=verdict_of(lost == 0 and gaps > 0 and found["rate"] >= 0.98 * RATE),
    )
    return [row], found | {"delays": spread.__dict__}


async def _measure(folder: Path, seconds: int) -> dict[str, Any]:
    server = await _child("tests.bench.rpc_events_server", folder, seconds)
    assert server.stdout is not None
    assert server.stdin is not None
    port = int(await server.stdout.readline())
    listeners = await _child("tests.bench.rpc_events_listeners", port, RATE * seconds, SUBSCRIBERS)
    assert listeners.stdout is not None
    assert (await listeners.stdout.readline()).strip() == b"ready"
    began = time.monotonic()
    server.stdin.write(b"go\n")
    await server.stdin.drain()
    rate = float(await server.stdout.readline())
    heard = json.loads(await listeners.stdout.readline())
    server.stdin.close()
    await asyncio.gather(server.wait(), listeners.wait())
    return heard | {"rate": rate, "seconds": time.monotonic() - began}


async def _child(module: str, *arguments: object) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *map(str, arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
        env=environment(),
    )
