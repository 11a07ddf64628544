"""Waiting for what a session does by itself."""

import asyncio
from collections.abc import Callable

import clipshot_native as native

PATIENCE = 20.0


async def until(done: Callable[[], bool], what: str) -> None:
    """Waits until ``done()``; fails after a time that only something broken takes."""
    async with asyncio.timeout(PATIENCE):
        while not done():
            await asyncio.sleep(0.01)
    assert done(), what


async def notice(session: native.Session, kind: str) -> list[native.Notice]:
    """All notices up to and including the first one of this kind."""
    event_loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    event_loop.add_reader(session.notices_fileno(), arrived.set)
    seen: list[native.Notice] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while all(notice.kind != kind for notice in seen):
                seen += session.drain_notices()
                arrived.clear()
                if all(notice.kind != kind for notice in seen):
                    await arrived.wait()
    finally:
        event_loop.remove_reader(session.notices_fileno())
    return seen
