"""FFmpeg's x11grab with the same encoder settings, as its command line."""

from tests.bench.case import Case
from tests.bench.child import ROOT, run_child
from tests.bench.run import Run

NAME = "FFmpeg x11grab"


def record(case: Case, display: str, seconds: int) -> Run:
    """Record ``seconds`` of the display. Its start-up, some 50 ms of CPU time, is in the figure."""
    target = ROOT / "build" / "bench" / "x11grab.mp4"
    options = [part for name, value in case.x264().items() for part in (f"-{name}:v", value)]
    command = ["ffmpeg", "-y", "-hide_banner", "-loglevel", "error", "-nostats", "-progress", "pipe:1"]
    command += ["-f", "x11grab", "-framerate", str(case.fps), "-video_size", "1920x1080", "-i", display]
    command += ["-t", str(seconds), "-pix_fmt", "yuv420p", "-c:v", "libx264", *options, str(target)]
    ended = run_child(command, timeout=seconds + 60)
    progress = dict(line.split("=", 1) for line in ended.stdout.splitlines() if "=" in line)
    facts = {"doubled": int(progress["dup_frames"]), "peak_rss_mb": round(ended.peak_rss_mb, 1)}
    size = target.stat().st_size
    target.unlink()
    return Run(NAME, case.name, seconds, int(progress["frame"]), ended.cpu_seconds, size, facts)
