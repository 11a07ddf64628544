"""Servers that are killed, and what the next start makes of what they left."""

import asyncio
import os
import sys
from pathlib import Path

from clipshot.core.clips.clip import Clip, ClipOrigin
from clipshot.core.paging import PageRequest
from clipshot.core.store import ClipFilter, ClipOrder, OperationFilter
from tests.integration.studio import Studio

ROOT = Path(__file__).resolve().parents[2]


async def run_until_told(folder: Path, what: str) -> tuple[asyncio.subprocess.Process, bytes]:
    """A doomed server, and the line that it says."""
    paths = [str(ROOT), str(ROOT / "server"), os.environ.get("PYTHONPATH", "")]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.doomed",
        str(folder),
        what,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)},
    )
    assert process.stdout is not None
    return process, await process.stdout.readline()


async def kill(process: asyncio.subprocess.Process) -> None:
    """kill -9."""
    process.kill()
    await process.wait()


async def recovered(studio: Studio) -> list[Clip]:
    """All clips, once nothing is being recovered any more."""
    async with asyncio.timeout(30):
        await studio.recovery.finished()
        for operation in (await studio.operations.list(OperationFilter(), PageRequest(500))).items:
            await studio.operations.wait(operation.operation_id)
    await studio.maker.stop()
    page = await studio.clips.list(ClipFilter(), ClipOrder(descending=False), PageRequest(500))
    return list(page.items)


def leftovers(studio: Studio) -> list[Path]:
    """Footage that is no clip yet."""
    rings = [path for place in studio.places.existing() for path in place.glob("*/*")]
    return rings + list(studio.recordings.glob("*/*"))


def by_origin(clips: list[Clip], origin: ClipOrigin) -> list[Clip]:
    """Those of one origin."""
    return [clip for clip in clips if clip.origin is origin]
