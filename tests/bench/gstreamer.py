"""GStreamer's ximagesrc and x264enc with the same settings, as its command line."""

import shutil

from tests.bench.case import KEYFRAME_SECONDS, Case
from tests.bench.child import ROOT, run_child
from tests.bench.run import Run

NAME = "GStreamer ximagesrc"
INSTALLED = shutil.which("gst-launch-1.0") is not None


def record(case: Case, display: str, seconds: int) -> Run:
    """Record ``seconds`` of the display. Its start-up, some 100 ms of CPU time, is in the figure."""
    target = ROOT / "build" / "bench" / "gstreamer.mp4"
    frames = case.fps * seconds
    rate = f"bitrate={case.bitrate_kbps}" if case.bitrate_kbps else f"pass=qual quantizer={case.crf:g}"
    pipeline = (
        f"ximagesrc display-name={display} use-damage=false show-pointer=false num-buffers={frames} do-timestamp=true"
        f" ! video/x-raw,framerate={case.fps}/1 ! queue max-size-buffers=4 leaky=downstream"
        f" ! videoconvert n-threads=1 ! video/x-raw,format=NV12"
        f" ! x264enc speed-preset={case.preset} tune={case.tune} bframes=0 rc-lookahead=0 {rate}"
        f" vbv-buf-capacity=1000 key-int-max={case.fps * KEYFRAME_SECONDS}"
        f" ! video/x-h264,stream-format=avc ! mp4mux ! filesink location={target}"
    )
    ended = run_child(["gst-launch-1.0", "-q", "-e", *pipeline.split()], timeout=seconds + 60)
    written = count_frames(str(target))
    size = target.stat().st_size
    target.unlink()
    facts = {"skipped": max(frames - written, 0), "peak_rss_mb": round(ended.peak_rss_mb, 1)}
    return Run(NAME, case.name, seconds, written, ended.cpu_seconds, size, facts)


def count_frames(path: str) -> int:
    """Pictures in a file, by its index."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-count_packets", "-show_entries"]
    ended = run_child([*command, "stream=nb_read_packets", "-of", "csv=p=0", path], timeout=60)
    return int(ended.stdout.strip().rstrip(","))
