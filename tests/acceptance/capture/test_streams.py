"""Live streams beside a recording: a slow reader, one that never reads, ten viewers; the recording loses nothing."""

import time
from pathlib import Path

from tests.acceptance.capture.readers import ChunkReader, Viewer
from tests.acceptance.main import frames
from tests.acceptance.main.duration import run_seconds
from tests.acceptance.main.report import Report, percentile
from tests.acceptance.main.scene import scene

VIEWERS = 10
WIDTH, HEIGHT, FPS = 1280, 720, 30
SLOW_PAUSE = 0.06
"""Seconds a slow viewer needs for a picture: half the rate at which they come."""

OLDEST_FOR_SLOW = 800.0
"""Milliseconds: how old a picture may be for a slow viewer that acknowledges."""


def test_readers_of_all_kinds_cost_the_recording_no_picture(tmp_path: Path) -> None:
    report = Report("live streams beside a recording")
    with scene(tmp_path, WIDTH, HEIGHT, FPS) as stage:
        stage.client.start("both", fps=FPS)
        stage.client.wait_until_buffered(2)
        chunks = [ChunkReader(stage.server).start(), ChunkReader(stage.server, pause=1.0).start()]
        viewers = [Viewer(stage.server).start() for _ in range(VIEWERS)]
        slow = Viewer(stage.server, SLOW_PAUSE, acknowledge=True).start()
        before = stage.client.session()
        time.sleep(run_seconds() / 2)
        after = stage.client.session()
        quick, lazy = (reader.stop() for reader in chunks)
        watched = [viewer.stop() for viewer in viewers]
        slowest = slow.stop()
        stage.client.stop("current", "recording")
        (clip,) = stage.client.wait_for_clips("recorded", 1)
        counters = [picture.counter for picture in frames.decode(clip.path)]
        crowded = stage.painter.crowded(counters[0], counters[-1])

    made = after.stats.encoded_frames - before.stats.encoded_frames
    missing = counters[-1] - counters[0] + 1 - len(counters)
    report.line("pictures encoded meanwhile", made)
    report.line("missing in the recording", missing, limit=f"at most {after.dropped + len(crowded)}, as admitted")
    report.percentiles("chunks at a reader, age", quick.latencies, "ms", limit="p50 below 5")
    report.line("chunks left out for the reader that keeps up", quick.left_out, limit="0")
    report.line("chunks for a reader that reads once a second", lazy.count)
    for number, view in enumerate(watched, 1):
        report.percentiles(f"viewer {number}, age", view.latencies, "ms")
    report.line("pictures for the slow viewer", slowest.count, limit="at least a quarter")
    report.line("left out for it", slowest.left_out, limit="more than none")
    report.line("oldest picture for it", slowest.oldest, "ms", limit=f"below {OLDEST_FOR_SLOW:.0f}")
    report.load()

    assert len(set(counters)) == len(counters), "no picture twice"
    assert missing <= after.dropped + len(crowded)
    assert before.stats.dropped_frames["queue"] == after.stats.dropped_frames["queue"]
    assert quick.left_out == 0
    assert percentile(quick.latencies, 50) < 5
    assert quick.gaps_without_key == lazy.gaps_without_key == slowest.gaps_without_key == 0
    assert min(view.count for view in watched) >= made * 0.9
    assert all(view.gaps_without_key == 0 for view in watched)
    assert slowest.left_out > 0
    assert slowest.count >= made / 4
    assert slowest.oldest < OLDEST_FOR_SLOW
