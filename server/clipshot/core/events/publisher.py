"""Callers' events into the database, as many in one transaction as wait for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from clipshot.core.events.event import Event
from clipshot.core.store import Store, Transaction

MAX_TOGETHER = 256
"""Events in one transaction at most, so that other writers get their turn."""

WriteEvent = Callable[[Transaction], Awaitable[Event]]


@dataclass(frozen=True)
class _Waiting:
    write: WriteEvent
    done: asyncio.Future[Event]


class EventPublisher:
    """Shares transactions between callers: while one is being synced to the disk, those who come meanwhile gather."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def publish(self, write: WriteEvent) -> Event:
        """Run ``write`` in a transaction; its event, once it is stored and told.

        Raises:
            ClipShotError: the transaction failed, for all who shared it.
        """
        waiting = _Waiting(write, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await waiting.done

    async def _write_all(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
            try:
                events = await self._write(together)
            except Exception as error:  # whatever it is, it is those callers' to hear
                for one in together:
                    if not one.done.done():
                        one.done.set_exception(error)
            else:
                for one, event in zip(together, events, strict=True):
                    if not one.done.done():
                        one.done.set_result(event)

    async def _write(self, together: Sequence[_Waiting]) -> list[Event]:
        async with self._store.write() as tx:
            return [await one.write(tx) for one in together]
