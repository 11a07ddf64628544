"""The store: core's database over SQLite."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import select

from clipshot.core.clock import Clock
from clipshot.core.errors import ClipShotError, UnavailableError
from clipshot.core.events.event import Event
from clipshot.core.events.payloads import SystemDegraded
from clipshot.core.idempotency import REQUEST_ID_LIFETIME
from clipshot.store.database import Connection, Database
from clipshot.store.migrator import prepare
from clipshot.store.repositories.events import EventRepository
from clipshot.store.tables import meta
from clipshot.store.unit import ReadUnit, WriteUnit

KEPT_EVENTS = 100_000
"""Events kept for readers that come back: days of a busy server in about a hundred megabytes."""

SWEEP_SECONDS = 60.0
_SWEEP_EVENTS = 5_000

_log = structlog.get_logger(__name__)


class SqliteStore:
    """Implements :class:`clipshot.core.store.Store`.

    One connection writes, guarded by a lock, in transactions that take SQLite's own write lock at once; others read.
    """

    def __init__(self, path: Path, clock: Clock, publish: Callable[[Sequence[Event]], None]) -> None:
        self._path = path
        self._clock = clock
        self._publish = publish
        self._database = Database(path)
        self._writer: Connection | None = None
        self._turn = asyncio.Lock()
        self._epoch = ""
        self._sequence = 0
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Migrate and open. A damaged database is set aside and told in an event.

        Raises:
            PreconditionError: DATABASE_TOO_NEW.
            UnavailableError: the file cannot be opened.
        """
        damaged = await asyncio.to_thread(prepare, self._path)
        self._writer = await self._database.open()
        async with self._database.reader() as reader:
            ((self._epoch,),) = await reader.rows(select(meta.c.value).where(meta.c.key == "epoch"))
            _, self._sequence = await EventRepository(reader, self._epoch).bounds()
        if damaged:
            _log.error("database_damaged", set_aside=str(damaged))
            async with self.write() as tx:
                detail = f"the database was damaged and set aside as {damaged}; a new one was made"
                tx.emit(SystemDegraded("database", detail), "system/database")
        self._sweeper = asyncio.create_task(self._sweep_for_ever(), name="store-sweeper")

    async def stop(self) -> None:
        """Wait for the transaction that runs, then close."""
        if self._sweeper:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        async with self._turn:
            self._writer = None
            await self._database.close()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteUnit]:
        """Commit at the end, roll back on an exception; then tell the events.

        Raises:
            UnavailableError: the database does not work.
            ResourceExhaustedError: DISK_FULL.
        """
        async with self._turn:
            if self._writer is None:
                raise UnavailableError("DATABASE_CLOSED", "the database is closed: the server stops")
            unit = WriteUnit(self._writer, self._epoch, self._sequence, self._clock)
            try:
                await self._writer.begin()
                yield unit
                await unit.write_events()
                cancelled = await self._writer.commit()
            except BaseException:
                await self._writer.rollback()
                raise
            # No await from here on: callbacks and events come in the order of the commits.
            self._sequence += len(unit.told)
            for callback in unit.committed:
                callback()
            self._publish(unit.told)
            if cancelled:
                raise asyncio.CancelledError

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadUnit]:
        """A consistent view.

        Raises:
            UnavailableError: the database does not work.
        """
        async with self._database.reader() as connection:
            yield ReadUnit(connection, self._epoch)

    async def check(self) -> None:
        """See whether reads and writes work.

        Raises:
            ClipShotError: they do not.
        """
        async with self.read() as reader:
            await reader.events.bounds()
        async with self.write():
            pass

    async def sweep(self) -> None:
        """Forget old events and requests, a little at a time so that others get their turn."""
        async with self.write() as unit:
            await unit.requests.remove_before(self._clock() - REQUEST_ID_LIFETIME)
        while True:
            async with self.read() as reader:
                oldest, newest = await reader.events.bounds()
            last = newest - KEPT_EVENTS
            if not oldest or oldest > last:
                return
            async with self.write() as unit:
                await unit.events.remove_through(last, _SWEEP_EVENTS)

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
            except ClipShotError as error:
                _log.warning("sweep_failed", reason=error.reason, message=error.message)
            await asyncio.sleep(SWEEP_SECONDS)
