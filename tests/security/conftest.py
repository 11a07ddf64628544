"""A server of this room's own: its tests show it many wrong keys, which it counts against the address."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.scene import Scene
from tests.serving import RunningServer, serving

#: Planted, so that tests can sign as the server does and can look for where they leak.
API_KEY = "planted-api-key-5c1f0e"
SECRET_KEY = "planted-secret-key-93ab77d2"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with known secrets, one for each file of tests, that buffers the test source."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    planted = {"CLIPSHOT_API_KEY": API_KEY, "CLIPSHOT_SECRET_KEY": SECRET_KEY}
    with serving(folder / "data", "--replay", env=planted) as running:
        yield running


@pytest.fixture(scope="module")
def clip(guarded: RunningServer) -> str:
    """A clip of that server."""
    return Scene(guarded).new_clip()
