"""ClipShot's native core with ring and recording on, as a session of the server runs it."""

import asyncio
import contextlib
import json
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import clipshot_native
from tests.bench.case import Case
from tests.bench.child import ROOT, run_module
from tests.bench.run import Run

NAME = "ClipShot"
MEMORY = Path("/dev/shm")
MAX_RING_BYTES = 512 << 20


def record(case: Case, display: str, seconds: int, *, spin: bool = False, keep: Path | None = None) -> Run:
    """Record ``seconds`` of the display in a process of its own; its imports are not in the figure.

    ``spin`` starts a Python thread beside it that never sleeps; ``keep`` is where the recording goes and stays.
    """
    target = keep or ROOT / "build" / "bench" / "clipshot.mp4"
    target.unlink(missing_ok=True)
    given = {"display": display, "seconds": seconds, "video": case.native(), "target": str(target), "spin": spin}
    answer = run_module("tests.bench.ours", given, timeout=seconds + 60)
    if keep is None:
        target.unlink()
    facts = {name: answer[name] for name in ("dropped", "keepalive", "ring_bytes", "ring_payload_bytes", "peak_rss_mb")}
    return Run(NAME, case.name, seconds, answer["encoded"], answer["cpu_seconds"], answer["bytes"], facts)


@contextlib.asynccontextmanager
async def session(display: str, video: dict[str, Any], ring_seconds: float = 60) -> AsyncIterator[Any]:
    """A session on the display's primary monitor, buffering into memory."""
    source = clipshot_native.list_sources("x11", display)[0]
    config = clipshot_native.VideoConfig(**video)
    with memory_folder() as folder:
        running = await clipshot_native.Session.start(source_id=source.source_id, video=config, display=display)
        try:
            running.start_ring(str(folder / "ring"), ring_seconds, MAX_RING_BYTES)
            yield running
            await running.stop_ring()
        finally:
            await running.stop()


@contextlib.contextmanager
def memory_folder() -> Iterator[Path]:
    """A fresh folder in memory, deleted with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix="clipshot-bench-", dir=MEMORY))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start_spinning() -> None:
    """A Python thread that wants the interpreter all the time."""

    def spin() -> None:
        number = 0
        while True:
            number = (number * 31 + 7) % 1_000_003

    threading.Thread(target=spin, daemon=True).start()


async def main(given: dict[str, Any]) -> dict[str, Any]:
    """The measured process."""
    before = time.process_time()
    async with session(given["display"], given["video"]) as running:
        await running.start_recording(given["target"])
        if given["spin"]:
            start_spinning()
        await asyncio.sleep(given["seconds"])
        ring = running.ring_status()
        await running.stop_recording()
        stats = running.stats()
    return {
        "cpu_seconds": time.process_time() - before,
        "encoded": stats.encoded,
        "keepalive": stats.keepalive,
        "dropped": stats.dropped,
        "bytes": stats.bytes_encoded,
        "ring_bytes": ring.bytes,
        "ring_payload_bytes": ring.payload_bytes,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
