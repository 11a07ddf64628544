"""The screen that everyone records: a private X server, and what is painted on it."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mss

from tests.acceptance.main.display import Display, virtual_display
from tests.acceptance.main.picture import PROGRAM, Painter, painting
from tests.waiting import wait_for

WIDTH, HEIGHT, FPS = 1920, 1080, 60


@dataclass(frozen=True)
class Screen:
    """A 1080p screen of our own."""

    server: Display

    @property
    def display(self) -> str:
        """For DISPLAY."""
        return self.server.name

    @contextlib.contextmanager
    def moving(self) -> Iterator[Painter]:
        """The whole picture moves, 60 times a second, with a counter in it."""
        with tempfile.TemporaryDirectory() as folder, painting(self.server, FPS, Path(folder)) as painter:
            self._wait_for(2)
            yield painter

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """A picture full of detail that stands."""
        command = [str(PROGRAM), "--display", self.display, "--mode", "still"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | self.server.environment) as painter:
            try:
                self._wait_for(1)
                yield
            finally:
                painter.terminate()

    def _wait_for(self, pictures: int) -> None:
        """Until so many different pictures with detail were seen: the empty screen has one colour."""
        seen: set[bytes] = set()
        with mss.MSS(display=self.display) as screen:
            region = {"left": 0, "top": 0, "width": WIDTH, "height": 16}

            def enough() -> bool:
                strip = bytes(screen.grab(region).raw)
                if len(set(strip)) > 4:
                    seen.add(strip)
                return len(seen) >= pictures

            wait_for(enough, 30, "clipshot-paint paints")


@contextlib.contextmanager
def private_screen() -> Iterator[Screen]:
    """An X server for the length of a with block, empty."""
    with virtual_display(WIDTH, HEIGHT) as server:
        yield Screen(server)
