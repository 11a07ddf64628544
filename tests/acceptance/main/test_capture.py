"""A minute of a moving screen: every picture once, at its own time, whatever Python does meanwhile."""

import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.main import frames
from tests.acceptance.main.client import until
from tests.acceptance.main.duration import run_seconds
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import Scene, scene
from tests.acceptance.main.timing import timing
from tests.serving import CLIPSHOT

#: The server's own program with a thread beside it that holds the interpreter as much as it can.
SPINNING = (sys.executable, str(Path(__file__).with_name("spinning_server.py")))
SIZES = [(1920, 1080, 30), (1280, 720, 60)]


def record(stage: Scene, fps: int) -> tuple[list[frames.Picture], dict[str, int]]:
    """Record and buffer for the length of a run; the pictures of the finished file, and what was dropped by stage."""
    session = stage.client.start("both", fps=fps)
    wanted = run_seconds()
    until(
        lambda: stage.client.session(session.session_id).recording.duration.ToTimedelta().total_seconds(),
        lambda length: length >= wanted,
        wanted + 30,
        f"a recording of {wanted:.0f} s",
    )
    stopped = stage.client.stop(session.session_id)
    stage.painter.stop()
    (clip,) = stage.client.wait_for_clips("recorded", 1, session.session_id)
    return frames.decode(clip.path), dict(stopped.stats.dropped_frames)


@pytest.mark.parametrize("spinning", [False, True], ids=["quiet", "spinning"])
@pytest.mark.parametrize(("width", "height", "fps"), SIZES, ids=["1080p30", "720p60"])
def test_every_picture_once_and_in_time(tmp_path: Path, width: int, height: int, fps: int, spinning: bool) -> None:
    """See ``timing`` for how PTS and stamps are compared."""
    beside = ", a Python thread spinning in the core" if spinning else ""
    report = Report(f"{run_seconds():.0f} s of {width}x{height} at {fps}{beside}")
    with scene(tmp_path, width, height, fps, program=SPINNING if spinning else CLIPSHOT) as stage:
        pictures, dropped = record(stage, fps)
        report.load()
    counters = [picture.counter for picture in pictures]
    doubled = [number for number, (one, next_one) in enumerate(pairwise(counters)) if one == next_one]
    missing = counters[-1] - counters[0] + 1 - len(set(counters))
    crowded = stage.painter.crowded(counters[0], counters[-1])
    lost = sum(dropped.values())
    found = timing(pictures, fps)
    report.line("pictures in the file", len(counters))
    report.line("pictures painted meanwhile", counters[-1] - counters[0] + 1)
    report.line("doubled", len(doubled), str(doubled[:12]) if doubled else "", limit="0")
    report.line("missing", missing, limit=f"at most {lost + len(crowded)}")
    report.line("  dropped by the recorder", lost, " ".join(f"{k} {v}" for k, v in sorted(dropped.items()) if v))
    report.line("  painted less than half an interval after the one before", len(crowded), str(crowded[:12]))
    report.line("painter's own lateness, p95", found.painter_p95, "ms")
    report.line("PTS minus stamp, median removed, p95", found.raw_p95, "ms")
    report.line("  the same at the grid's resolution", found.grid_p95, "ms", limit="below 1")
    report.line("  pictures off their slot", found.off_slot, "%")
    report.line("drift over the run", found.drift, "ms", limit="below 1")
    assert sorted(counters) == counters, "pictures out of order"
    assert not doubled
    assert missing <= lost + len(crowded)
    assert found.grid_p95 < 1
    assert abs(found.drift) < 1
