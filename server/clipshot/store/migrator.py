"""Brings a database file into a state that the server can use. All of this blocks: run it in a thread."""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy
from sqlalchemy import event

from clipshot.core.errors import PreconditionError

HEAD = "0003"
"""The newest migration; a test compares it with the folder."""

CHECKED_BYTES = 512 * 1024**2
"""Largest database that is read through at each start, at about half a gigabyte a second. Of a larger one, damage shows
here only where it is opened."""

_DAMAGE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def prepare(path: Path) -> Path | None:
    """Make, repair or migrate the database at ``path``.

    A damaged one is set aside, never overwritten, and a fresh one made in its place.

    Returns:
        Where the damaged database is now; None when there was none.

    Raises:
        PreconditionError: DATABASE_TOO_NEW, a newer server has used it.
    """
    damaged = None
    if path.exists() and _is_damaged(path):
        damaged = _set_aside(path)
    # Made here and not by SQLite, which would let others read it; its journal gets the same rights.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    revision = _revision(path)
    if revision != HEAD:
        _migrate(path, revision)
    return damaged


def _is_damaged(path: Path) -> bool:
    try:
        # Only to read: closing a connection that may write would work the journal into a damaged file.
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            if path.stat().st_size > CHECKED_BYTES:
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                return False
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        # The low byte is the primary code, the rest says where it was found.
        if (error.sqlite_errorcode & 0xFF) in _DAMAGE_CODES:
            return True
        raise


def _set_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    # The journal first: whatever a crash leaves behind, it never meets a database that it does not belong to.
    for suffix in ("-wal", "-shm", ""):
        part = Path(f"{path}{suffix}")
        if part.exists():
            part.rename(f"{aside}{suffix}")
    return aside


def _revision(path: Path) -> str | None:
    connection = sqlite3.connect(path)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:  # no such table: the database is new
        return None
    finally:
        connection.close()
    return str(row[0]) if row else None


def _migrate(path: Path, revision: str | None) -> None:
    # Imported here since a start that finds everything up to date, as nearly all do, need not wait for it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise PreconditionError(
            "DATABASE_TOO_NEW",
            f"the database {path} was used by a newer version (schema {revision}, this one knows {HEAD})",
            subject=str(path),
            remedy="start the newer version, or name another DATA_DIR",
        )
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", poolclass=sqlalchemy.NullPool)
    event.listen(engine, "connect", _begin_ourselves)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
    engine.dispose()


def _begin_ourselves(connection: sqlite3.Connection, _: object) -> None:
    # Python's driver begins no transaction for DDL; without one a crash could leave half a migration.
    connection.isolation_level = None
