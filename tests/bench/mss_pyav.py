"""mss and PyAV with the same encoder settings: what a Python program would do. PyAV brings a newer x264 of its own."""

import json
import sys
import time
from typing import Any

from tests.bench.case import Case
from tests.bench.child import ROOT, run_module
from tests.bench.run import Run

NAME = "mss + PyAV"


def record(case: Case, display: str, seconds: int) -> Run:
    """Record ``seconds`` of the display in a process of its own; its imports are not in the figure."""
    target = ROOT / "build" / "bench" / "mss_pyav.mp4"
    given = {"display": display, "seconds": seconds, "fps": case.fps, "options": case.x264(), "target": str(target)}
    answer = run_module("tests.bench.mss_pyav", given, timeout=seconds + 60)
    size = target.stat().st_size
    target.unlink()
    facts = {"skipped": answer["skipped"], "peak_rss_mb": answer["peak_rss_mb"]}
    return Run(NAME, case.name, seconds, answer["frames"], answer["cpu_seconds"], size, facts)


def main(given: dict[str, Any]) -> dict[str, Any]:
    """The measured process."""
    import av
    import mss
    import numpy as np

    fps, seconds = given["fps"], given["seconds"]
    frames = skipped = index = 0
    before = time.process_time()
    with mss.MSS(display=given["display"]) as screen, av.open(given["target"], "w") as container:
        stream = container.add_stream("libx264", rate=fps, options=given["options"])
        monitor = screen.monitors[1]
        stream.width, stream.height, stream.pix_fmt = monitor["width"], monitor["height"], "yuv420p"
        start = time.monotonic()
        while (now := time.monotonic() - start) < seconds:
            if (early := index / fps - now) > 0:
                time.sleep(early)
            elif -early > 1 / fps:
                skipped += int(now * fps) - index
                index = int(now * fps)
            picture = np.frombuffer(screen.grab(monitor).raw, np.uint8).reshape(monitor["height"], monitor["width"], 4)
            frame = av.VideoFrame.from_ndarray(picture, format="bgra")
            frame.pts = index
            index += 1
            frames += 1
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return {"frames": frames, "skipped": skipped, "cpu_seconds": time.process_time() - before}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
