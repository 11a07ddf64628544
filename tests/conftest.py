"""Fixtures that several rooms of tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import RunningServer, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that buffers the built-in test source; shared, so tests leave no session or setting changed."""
    folder: Path = tmp_path_factory.mktemp("server")
    with serving(folder / "data", "--replay") as running:
        yield running
