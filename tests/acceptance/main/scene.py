"""A server that captures a display on which a picture with counter and clock moves."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.main.client import Client
from tests.acceptance.main.display import Display, virtual_display
from tests.acceptance.main.picture import Painter, painting
from tests.serving import CLIPSHOT, RunningServer, serving


@dataclass
class Scene:
    """Who takes part."""

    display: Display
    painter: Painter
    server: RunningServer
    client: Client


@contextlib.contextmanager
def scene(
    folder: Path,
    width: int,
    height: int,
    fps: int,
    *arguments: str,
    program: Sequence[str] = CLIPSHOT,
    settings: dict[str, str] | None = None,
) -> Iterator[Scene]:
    """A display, a painter and a server with its data in ``folder``; ``arguments`` go to ``serve``, ``settings`` into its
    environment.
    """
    with (
        virtual_display(width, height) as display,
        painting(display, fps, folder) as painter,
        serving(folder / "data", *arguments, env=display.environment | (settings or {}), program=program) as server,
    ):
        yield Scene(display, painter, server, Client(server))
