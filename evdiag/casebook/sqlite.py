"""The case book as one SQLite file: several programs read and write it at the same time."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from evdiag.errors import BadInputError
from evdiag.plain import plain_text

PATIENCE_S: Final = 60
"""How long a writer waits for another one."""

WRITES: Final = "evdiag_writes"
"""The option of a connection whose transaction is to be a writer's from its beginning."""

_OWNERS_ONLY: Final = 0o600
_NOT_TO_BE_WRITTEN: Final = (errno.EROFS, errno.EACCES, errno.EPERM)


def engine_of(path: Path) -> Engine:
    """Return the way to a file, which is made where there is none.

    One that may only be read, as on a disk that somebody handed over, can be read.

    Raises:
        BadInputError: it can neither be made nor written, nor read.
    """
    # No connection waits in a pool: one that is open keeps others from tidying the file up.
    if _may_only_be_read(path):
        engine = create_engine(
            "sqlite+pysqlite://", creator=lambda: _connected(path), poolclass=NullPool
        )
    else:
        make_file(path)
        # Not as text: a ? in the path would begin something else.
        url = URL.create("sqlite+pysqlite", database=str(path))
        engine = create_engine(url, poolclass=NullPool)
        event.listen(engine, "connect", _prepared)
    event.listen(engine, "begin", _begin)
    return engine


def _may_only_be_read(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError as error:
        return error.errno in _NOT_TO_BE_WRITTEN and path.is_file() and os.access(path, os.R_OK)
    return False


def _connected(path: Path) -> sqlite3.Connection:
    """Connect to a book that is there already."""
    if not _may_only_be_read(path):
        return sqlite3.connect(path, timeout=PATIENCE_S)
    log = path.with_name(f"{path.name}-wal")
    # Without a log beside it nobody is writing it, and SQLite need not share anything there.
    alone = "" if log.exists() and log.stat().st_size else "&immutable=1"
    address = f"{path.absolute().as_uri()}?mode=ro{alone}"
    return sqlite3.connect(address, uri=True, isolation_level=None)


def make_file(path: Path) -> None:
    """Make a file that only its owner can read, and the folder it lies in.

    Raises:
        BadInputError: that fails.
    """
    label = plain_text(str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _OWNERS_ONLY))
    except OSError as error:
        raise BadInputError(
            f"the case book {label} cannot be written: {error.strerror}; EVDIAG_CASEBOOK "
            "names another file for it"
        ) from None


def copy_to(path: Path, target: Path) -> None:
    """Write a copy of a book as it is at one moment, while others go on writing it.

    Raises:
        sqlite3.Error: one of the two files cannot be used.
    """
    with (
        closing(_connected(path)) as book,
        closing(sqlite3.connect(target)) as copy,
    ):
        book.backup(copy)
        # A copy is one file, whoever opens it.
        copy.execute("PRAGMA journal_mode = DELETE")


def shrink(path: Path) -> bool:
    """Write the file anew without anything that was deleted; False while others hold it open."""
    with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as book:
        book.execute("PRAGMA secure_delete = ON")
        # What is on its way from one place of the file to another is on no disk meanwhile.
        book.execute("PRAGMA temp_store = MEMORY")
        try:
            book.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return False
        busy, _, _ = book.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def _prepared(connection: Any, _: Any) -> None:
    # The driver begins nothing by itself: `_begin` does (SQLAlchemy's recipe for pysqlite).
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_S * 1000}")
    _use_log(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _use_log(connection: Any) -> None:
    """Have the file use a write-ahead log, so that readers and a writer do not wait."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # The first to open a new file has it for itself, and nobody is told to wait.
            if "locked" not in str(error) or time.monotonic() > end_s:
                raise
            time.sleep(0.01)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    # A reader that turns writer half way could find that another one was quicker.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
