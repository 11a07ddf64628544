"""Replay saves one after the other while the ring and a recording run."""

import asyncio
import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.acceptance.main import frames
from tests.bench.case import SUPERFAST_60
from tests.bench.child import ROOT, run_module
from tests.bench.ours import session
from tests.bench.plan import Plan
from tests.bench.row import Row, verdict_of
from tests.bench.screen import Screen

#: Largest p99 in milliseconds.
LIMITS = {"keyframe": 60.0, "clean": 1200.0}
#: Between two saves, so that each begins at another place of the GOP.
PAUSE = 0.37


def measure(plan: Plan, screen: Screen) -> dict[str, Any]:
    """Save ``plan.saves`` times by each rule in a process of its own, then count the recording's pictures."""
    target = ROOT / "build" / "bench" / "during-saves.mp4"
    target.unlink(missing_ok=True)
    given = {
        "display": screen.display,
        "video": SUPERFAST_60.native(),
        "seconds": plan.ring_seconds,
        "saves": plan.saves,
        "target": str(target),
    }
    with screen.moving() as painter:
        timeout = plan.ring_seconds + plan.saves * 8 + 120
        answer: dict[str, Any] = run_module("tests.bench.saves", given, timeout=timeout)
        painter.stop()
    counters = [picture.counter for picture in frames.decode(target)]
    target.unlink()
    missing = counters[-1] - counters[0] + 1 - len(set(counters))
    crowded = len(painter.crowded(counters[0], counters[-1]))
    answer |= {"recorded": len(counters), "missing": missing, "crowded": crowded}
    return answer


def rows(answer: dict[str, Any], plan: Plan) -> Iterator[Row]:
    """One row for each rule, and one for what the recording lost meanwhile."""
    for rule, limit in LIMITS.items():
        found = answer[rule]
        total, whole = found["file_ms"], found["synced_ms"]
        head = f"; head p50 {percentile(found['head_ms'], 50):.0f}" if any(found["head_ms"]) else ""
        measured = f"p50 {percentile(total, 50):.0f} ms, p99 {percentile(total, 99):.0f} ms"
        measured += f" (synced: {percentile(whole, 50):.0f}, {percentile(whole, 99):.0f}{head})"
        yield Row(
            f"save of {plan.ring_seconds} s, {rule.upper()}, {plan.saves} of them",
            f"p99 < {limit:g} ms",
            measured,
            verdict=verdict_of(percentile(total, 99) < limit),
        )
    missing, crowded, dropped = answer["missing"], answer["crowded"], sum(answer["dropped"].values())
    measured = f"{missing} of {answer['recorded'] + missing} missing, {dropped} counted as dropped"
    if crowded:
        measured += f" ({crowded} painted too close together)"
    yield Row(
        f"the recording during these {2 * plan.saves} saves",
        "no frame lost",
        measured,
        verdict=verdict_of(missing <= crowded),
    )


def percentile(values: list[float], share: float) -> float:
    """The smallest value that ``share`` percent of the values do not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


async def save(running: Any, number: int, seconds: float, rule: str, folder: Path) -> dict[str, float]:
    """One save; milliseconds until the file is whole under its name, until it is synced, and of its head."""
    path = folder / f"save-{number}.mp4"
    began = time.perf_counter()
    pin = await running.pin(str(folder / f"pin-{number}"), seconds, b"")
    pinned = time.perf_counter()
    result = await pin.save(str(path), rule).result()
    synced = time.perf_counter()
    pin.release()
    path.unlink()
    assert result.rule_used == rule, result.fallback_reason
    return {
        "file_ms": (pinned - began) * 1000 + result.total_ms,
        "synced_ms": (synced - began) * 1000,
        "head_ms": result.head_ms,
    }


async def main(given: dict[str, Any]) -> dict[str, Any]:
    """The process that saves."""
    target, seconds = Path(given["target"]), given["seconds"]
    found: dict[str, Any] = {}
    async with session(given["display"], given["video"], seconds) as running:
        await running.start_recording(str(target))
        await asyncio.sleep(seconds + 1)
        for rule in LIMITS:
            each = []
            for number in range(given["saves"]):
                each.append(await save(running, number, seconds, rule, target.parent))
                await asyncio.sleep(PAUSE)
            found[rule] = {name: [round(one[name], 2) for one in each] for name in each[0]}
        await running.stop_recording()
        found["dropped"] = running.stats().dropped
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
