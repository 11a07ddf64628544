"""A disk that fills up is told before it is full: once, and again only after there was room in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from clipshot.core.errors import UnavailableError
from clipshot.core.events.payloads import StorageLow
from clipshot.core.events.selection import Selection
from clipshot.core.store import EventFilter
from clipshot.core.system.storage import LOW_BYTES, RECOVERED_BYTES, Disk, StorageWatch
from clipshot.system.disks import FolderDisks
from tests.core_parts import Foundation


class _Disks:
    """Disks with as much room as a test says."""

    def __init__(self) -> None:
        self.free = {"/clips": RECOVERED_BYTES, "/data": RECOVERED_BYTES}

    async def look(self) -> Sequence[Disk]:
        return [Disk(path, free) for path, free in self.free.items()]


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Foundation]:
    async with Foundation(tmp_path / "clipshot.db") as parts:
        yield parts


async def told(parts: Foundation) -> list[StorageLow]:
    async with parts.store.read() as reader:
        events = await reader.events.page(EventFilter(("system:storage_low",)), 100)
    return [event.payload for event in events if isinstance(event.payload, StorageLow)]


async def test_each_fall_is_told_once(parts: Foundation) -> None:
    disks = _Disks()
    watch = StorageWatch(parts.store, disks)
    for free in (LOW_BYTES, LOW_BYTES - 1, LOW_BYTES - 2, RECOVERED_BYTES - 1, LOW_BYTES - 3):
        disks.free["/clips"] = free
        await watch.look()
    assert await told(parts) == [StorageLow("/clips", LOW_BYTES - 1)]
    for free in (RECOVERED_BYTES, 7):
        disks.free["/clips"] = free
        await watch.look()
    disks.free["/data"] = 9
    await watch.look()
    assert (await told(parts))[1:] == [StorageLow("/clips", 7), StorageLow("/data", 9)]


async def test_what_could_not_be_written_is_told_by_the_next_look(
    parts: Foundation, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks = _Disks()
    disks.free["/clips"] = 1
    watch = StorageWatch(parts.store, disks)

    def full() -> None:
        raise UnavailableError("DISK_FULL", "no room for an event")

    with monkeypatch.context() as patched:
        patched.setattr(parts.store, "write", full)
        with pytest.raises(UnavailableError):
            await watch.look()
    await watch.look()
    assert await told(parts) == [StorageLow("/clips", 1)]


async def test_the_watch_looks_by_itself(parts: Foundation) -> None:
    disks = _Disks()
    disks.free["/data"] = 5
    watch = StorageWatch(parts.store, disks)
    with parts.bus.subscribe(Selection(event_type="system:storage_low")) as subscription:
        watch.start()
        async with asyncio.timeout(10):
            batch = await subscription.take(10)
        await watch.stop()
    assert batch is not None
    assert batch.events[0].payload == StorageLow("/data", 5)


async def test_folders_of_one_disk_are_one_disk(tmp_path: Path) -> None:
    for name in ("data", "clips"):
        (tmp_path / name).mkdir()
    (disk,) = await FolderDisks([tmp_path / "data", tmp_path / "clips", tmp_path / "gone"]).look()
    assert disk.path == str(tmp_path / "data")
    assert disk.free_bytes > 0
