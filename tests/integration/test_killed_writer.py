"""kill -9 between a change and its event leaves both or neither, whenever it comes, and loses nothing committed."""

import random
import subprocess
import sys
from pathlib import Path

from clipshot.core.store import ClipFilter, ClipOrder, EventFilter
from tests.core_parts import Foundation
from tests.serving import ROOT, clean_environment

_KILLS = 6


async def test_a_kill_leaves_both_or_neither(tmp_path: Path) -> None:
    path = tmp_path / "clipshot.db"
    moments = random.Random(7)
    told: list[str] = []
    for run in range(_KILLS):
        told += _write_until_killed(path, first=10_000 * run, patience=moments.uniform(0, 0.05))
        async with Foundation(path) as parts, parts.store.read() as reader:
            clips = {clip.clip_id for clip in await reader.clips.page(ClipFilter(), ClipOrder(), None, 100_000)}
            events = await reader.events.page(EventFilter(), 100_000)
        assert {event.resource for event in events} == clips
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert set(told) <= clips


def _write_until_killed(path: Path, first: int, patience: float) -> list[str]:
    """Clips that the program said it had committed."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.doomed_writer", str(path), str(first)],
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    said = [child.stdout.readline().strip()]
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
    said += child.stdout.read().split()
    child.stdout.close()
    child.wait()
    # A last line that the kill cut short says nothing.
    return [clip_id for clip_id in said if len(clip_id) == len("clp_000000")]
