"""Connections to the database: one that writes, some that only read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Engine, Executable, Row, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

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
    """Runs statements on a thread of its own. A caller that is cancelled leaves no statement half run."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, name)
        self._opened: sqlalchemy.Connection | None = None
        self._closed = False

    async def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows of a query."""
        with _told_as_ours():
            return await _finish(self._do(lambda connection: connection.execute(statement).all()))

    async def run(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Change something; with ``rows``, once for each."""
        with _told_as_ours():
            await _finish(self._do(lambda connection: connection.execute(statement, rows)))

    async def begin(self) -> None:
        """Begin a transaction, which takes the right to write at once; of a reader, a view that stays as it is."""
        with _told_as_ours():
            await _finish(self._do(lambda connection: connection.begin()))

    async def commit(self) -> bool:
        """Make the transaction's changes last.

        Returns:
            Whether the caller was cancelled meanwhile; the changes last all the same.
        """
        with _told_as_ours():
            task, cancelled = await _settled(self._do(lambda connection: connection.commit()))
            task.result()
            return cancelled

    async def rollback(self) -> None:
        """Take the transaction's changes back."""
        with _told_as_ours():
            await _finish(self._do(lambda connection: connection.rollback()))

    async def close(self) -> None:
        """Close it, and end its thread. May be called more than once."""
        if not self._closed and self._opened is not None:
            await _finish(self._do(lambda connection: connection.close()))
        self._closed = True
        self._thread.shutdown()

    def _do(self, work: Callable[[sqlalchemy.Connection], T]) -> Awaitable[T]:
        if self._closed:
            raise UnavailableError("DATABASE_UNAVAILABLE", "the database is closed: the server ends")
        return asyncio.get_running_loop().run_in_executor(self._thread, self._with_connection, work)

    def _with_connection(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        # Opened by its own thread: SQLite's connections stay with the one that made them.
        if self._opened is None:
            self._opened = self._engine.connect()
        return work(self._opened)


class Database:
    """A SQLite file, migrated and whole.

    SQLAlchemy's own asyncio layer is not used: it brings the whole ORM, a quarter of a second at each start.
    """

    def __init__(self, path: Path) -> None:
        url = f"sqlite:///{path}"
        self._writing = _engine(url, "BEGIN IMMEDIATE", _WRITER_PRAGMAS)
        self._reading = _engine(url, "BEGIN", _READER_PRAGMAS)
        self._writer = Connection(self._writing, "store-write")
        self._readers = [Connection(self._reading, f"store-read-{number}") for number in range(READERS)]
        self._idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for reader in self._readers:
            self._idle.put_nowait(reader)

    async def open(self) -> Connection:
        """The connection that writes; there is one."""
        await self._writer.rollback()  # opens it
        return self._writer

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Connection]:
        """A consistent view until the context ends."""
        connection = await self._idle.get()
        try:
            try:
                await connection.begin()
                yield connection
            finally:
                await connection.rollback()  # also what a caller began who was cancelled meanwhile
        finally:
            self._idle.put_nowait(connection)

    async def close(self) -> None:
        """Close all connections."""
        for connection in (self._writer, *self._readers):
            await connection.close()
        self._reading.dispose()
        self._writing.dispose()


def _engine(url: str, begin: str, pragmas: tuple[str, ...]) -> Engine:
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin as we say, below
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: sqlalchemy.Connection) -> None:
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
