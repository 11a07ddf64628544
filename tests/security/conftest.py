"""A server of this room's own: its tests show it many wrong keys, which it counts against the address."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.scene import Scene
from tests.serving import RunningServer, serving

#: Planted, so that tests can sign as the server does and can look for where they leak.
API_KEY = "planted-api-key-5c1f0e"
SECRET_KEY = "planted-secret-key-93ab77d2"


def plant(data_dir: Path) -> None:
    """Files as an earlier start would have left them."""
    data_dir.mkdir(mode=0o700)
    for name, value in (("api-key", API_KEY), ("secret-key", SECRET_KEY)):
        (data_dir / name).touch(mode=0o600)
        (data_dir / name).write_text(value + "\n")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with known secrets, one for each file of tests, that buffers the test source."""
    data = tmp_path_factory.mktemp("guarded") / "data"
    plant(data)
    with serving(data, "--replay") as running:
        yield running


@pytest.fixture(scope="module")
def clip(guarded: RunningServer) -> str:
    """A clip of that server."""
    return Scene(guarded).new_clip()
