"""Connections to the database: one that writes, some that only read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Executable, Row, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from clipshot.core.errors import ClipShotError, ResourceExhaustedError, UnavailableError

T = TypeVar("T")

READERS = 4
"""Connections that read: each is a thread, and SQLite work is short."""

BUSY_SECONDS = 5
"""How long a change waits while another program holds the database."""

_WRITER_PRAGMAS = (
    "journal_mode=WAL",
    # FULL, not NORMAL: NORMAL syncs only at checkpoints, so a power cut could take back changes whose events somebody
    # has heard already, and give their numbers to others. FULL costs one fsync for each transaction.
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "journal_size_limit=67108864",
)
_READER_PRAGMAS = ("query_only=ON", f"busy_timeout={BUSY_SECONDS * 1000}", "mmap_size=268435456")


class Connection:
    """Runs statements. A caller that is cancelled leaves no statement half run."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows of a query."""
        with _told_as_ours():
            return (await _finish(self._connection.execute(statement))).all()

    async def run(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Change something; with ``rows``, once for each."""
        with _told_as_ours():
            await _finish(self._connection.execute(statement, rows))

    async def begin(self) -> None:
        """Begin a transaction, which takes the right to write at once."""
        with _told_as_ours():
            await _finish(self._connection.begin())

    async def commit(self) -> bool:
        """Make the transaction's changes last.

        Returns:
            Whether the caller was cancelled meanwhile; the changes last all the same.
        """
        with _told_as_ours():
            task, cancelled = await _settled(self._connection.commit())
            task.result()
            return cancelled

    async def rollback(self) -> None:
        """Take the transaction's changes back."""
        with _told_as_ours():
            await _finish(self._connection.rollback())


class Database:
    """A SQLite file, migrated and whole."""

    def __init__(self, path: Path) -> None:
        url = f"sqlite+aiosqlite:///{path}"
        self._writing = _engine(url, 1, "BEGIN IMMEDIATE", _WRITER_PRAGMAS)
        self._reading = _engine(url, READERS, "BEGIN", _READER_PRAGMAS)
        self._connection: AsyncConnection | None = None

    async def open(self) -> Connection:
        """The connection that writes; there is one."""
        with _told_as_ours():
            self._connection = await self._writing.connect()
        return Connection(self._connection)

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Connection]:
        """A consistent view until the context ends."""
        connection = self._reading.connect()
        try:
            with _told_as_ours():
                await _finish(connection.start())
            yield Connection(connection)
        finally:
            await _finish(connection.close())

    async def close(self) -> None:
        """Close all connections."""
        if self._connection is not None:
            await self._connection.close()
        await self._reading.dispose()
        await self._writing.dispose()


def _engine(url: str, connections: int, begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=connections, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin as we say, below
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


async def _settled(work: Awaitable[T]) -> tuple[asyncio.Future[T], bool]:
    """Database work once it is done, and whether the caller was cancelled meanwhile.

    It is waited for all the same: the thread that does it cannot be stopped half-way.
    """
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    return task, cancelled


async def _finish(work: Awaitable[T]) -> T:
    task, cancelled = await _settled(work)
    result = task.result()
    if cancelled:
        raise asyncio.CancelledError
    return result


@contextmanager
def _told_as_ours() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise _translated(str(error.orig)) from error


def _translated(message: str) -> ClipShotError:
    if "full" in message:
        return ResourceExhaustedError(
            "DISK_FULL",
            "the disk of the data directory is full",
            remedy="make room on it",
            metadata={"limit": "data_disk"},
        )
    if "locked" in message:
        return UnavailableError(
            "DATABASE_BUSY",
            f"another program has held the database for {BUSY_SECONDS} s",
            remedy="close the program that has it open, or try again when it is done",
        )
    return UnavailableError("DATABASE_UNAVAILABLE", f"the database does not work: {message}")
