"""Where replay buffers may live."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from clipshot.capture.ring_places import RingPlaces, in_memory
from clipshot.core.capture.replay_buffer import ReplayStorage
from clipshot.core.errors import UnavailableError

SHM = Path("/dev/shm")
SMALL = 1 << 20

needs_shm = pytest.mark.skipif(not in_memory(SHM), reason="no memory-backed folder here")


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    folder = SHM / f"clipshot-test-{os.getpid()}-{tmp_path.name}"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


def places(tmp_path: Path, runtime: Path | None, shared: Path) -> RingPlaces:
    return RingPlaces(tmp_path / "data", tmp_path, runtime, shared)


@needs_shm
def test_memory_is_taken_when_it_has_room(tmp_path: Path, memory: Path) -> None:
    place = places(tmp_path, memory, tmp_path / "nothing").choose(SMALL)
    assert place.storage is ReplayStorage.MEMORY
    assert place.folder.parent == memory
    assert place.folder.stat().st_mode & 0o777 == 0o700
    assert place.folder.name.startswith(f"clipshot-{os.getuid()}-")


@needs_shm
def test_the_disk_is_taken_when_memory_is_too_small(tmp_path: Path, memory: Path) -> None:
    place = places(tmp_path, memory, tmp_path / "nothing").choose(1 << 60)
    assert place.storage is ReplayStorage.DISK
    assert place.folder.parent == tmp_path


def test_a_runtime_folder_on_a_disk_is_not_memory(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    assert places(tmp_path, runtime, tmp_path / "nothing").choose(SMALL).folder.parent == tmp_path


@needs_shm
@pytest.mark.parametrize("trap", ["link", "open", "file"])
def test_what_somebody_else_laid_out_is_not_used(tmp_path: Path, memory: Path, trap: str) -> None:
    name = places(tmp_path, memory, memory).choose(SMALL).folder
    name.rmdir()
    match trap:
        case "link":
            elsewhere = tmp_path / "elsewhere"
            elsewhere.mkdir(mode=0o700)
            name.symlink_to(elsewhere)
        case "open":
            name.mkdir()
            name.chmod(0o777)
        case "file":
            name.touch()
    chosen = places(tmp_path, memory, memory)
    assert chosen.choose(SMALL).folder.parent == tmp_path
    assert name not in chosen.existing()


def test_two_data_directories_do_not_meet(tmp_path: Path) -> None:
    one = RingPlaces(tmp_path / "one", tmp_path, None, tmp_path / "nothing").choose(SMALL)
    other = RingPlaces(tmp_path / "other", tmp_path, None, tmp_path / "nothing").choose(SMALL)
    assert one.folder != other.folder


def test_without_any_folder_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        RingPlaces(tmp_path, tmp_path / "missing", None, tmp_path / "missing").choose(SMALL)
    assert caught.value.reason == "RING_PLACE_MISSING"
    assert caught.value.remedy
