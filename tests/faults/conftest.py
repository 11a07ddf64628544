"""Small file systems for tests that fill them."""

import os
import subprocess
from collections.abc import Callable, Iterator
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
