"""A private X server with nothing on it but what a test paints."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Display:
    """An X server's screen. ``name`` is what goes into DISPLAY."""

    name: str
    width: int
    height: int

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find it."""
        return {"DISPLAY": self.name}


@contextlib.contextmanager
def virtual_display(width: int, height: int) -> Iterator[Display]:
    """Xvfb on a free display number, which it chooses itself and writes into a pipe once it answers."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writer,), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError(f"Xvfb did not start: it ended with {server.wait()}")
        yield Display(f":{number}", width, height)
    finally:
        server.terminate()
        server.wait(10)
