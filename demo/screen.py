"""A screen with something moving on it, private when there is no display."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZE = "1280x720"
FPS = 30


@contextlib.contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """End a process with the block."""
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        if process.poll() is None:
            process.kill()
            process.wait()


@contextlib.contextmanager
def moving_screen() -> Iterator[str]:
    """The display to capture: DISPLAY as it is, else an X server of our own with a moving picture on it."""
    display = os.environ.get("DISPLAY", "")
    if display:
        yield display
        return
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL, text=True)
    os.close(write)
    with ending(server):
        with os.fdopen(read) as number:
            display = f":{number.readline().strip()}"
        if display == ":":
            raise SystemExit("demo: the X server did not start; is the package xvfb whole?")
        paint = [str(ROOT / "build" / "bin" / "clipshot-paint"), "--fps", str(FPS)]
        painter = subprocess.Popen(
            paint,
            env=os.environ | {"DISPLAY": display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with ending(painter):
            yield display
