"""Fixtures that several rooms of tests share."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.native.sound_server import sound_server
from tests.serving import RunningServer, serving


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long forms of the fault tests: ``make soak``."""
    parser.addoption(
        "--soak", action="store_true", help="fault tests at full length: hundreds of kills, hours of running"
    )
    parser.addoption("--soak-minutes", type=float, default=120, help="how long the server is left running (120)")


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms are asked for."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that buffers the built-in test source; shared, so tests leave no session or setting changed.

    It hears a sound server of its own, where there is one to start.
    """
    folder: Path = tmp_path_factory.mktemp("server")
    with ExitStack() as stack:
        env = {}
        if shutil.which("pulseaudio"):
            sounds = stack.enter_context(sound_server())
            env = {"PULSE_SERVER": sounds.address, "CLIPSHOT_AUDIO_INPUTS": "default-output"}
        yield stack.enter_context(serving(folder / "data", "--replay", env=env))
