"""Small file systems for tests that fill them."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

MakeSmallDisk = Callable[[str, int], Path]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[MakeSmallDisk]:
    """Makes a file system of its own: ``small_disk(name, bytes)``. Only root can mount one."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system to fill")
    mounted: list[Path] = []

    def make(name: str, size: int) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"this system lets not even root mount a file system: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@dataclass(frozen=True)
class FailingDisk:
    """A file system that turns read-only when it is told to, as one does whose device has errors."""

    folder: Path
    trigger: Path

    def fail(self) -> None:
        """From now on every write fails with EROFS, also to files that are open."""
        self.trigger.write_text("1")


@pytest.fixture
def failing_disk(tmp_path: Path) -> Iterator[FailingDisk]:
    """An ext4 file system in a file. Only root can mount one."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system that fails")
    image, folder = tmp_path / "disk.img", tmp_path / "failing"
    with image.open("wb") as file:
        file.truncate(64 << 20)
    folder.mkdir()
    for command in (
        ["mkfs.ext4", "-q", "-O", "^has_journal", str(image)],
        ["mount", "-o", "loop,errors=remount-ro", str(image), str(folder)],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"this system lets not even root mount a file system: {done.stderr.strip()}")
    device = subprocess.run(["findmnt", "-no", "SOURCE", str(folder)], capture_output=True, text=True, check=True)
    try:
        yield FailingDisk(folder, Path("/sys/fs/ext4") / Path(device.stdout.strip()).name / "trigger_fs_error")
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
