"""The case book in a PostgreSQL database: for a workshop with several bays."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event, text

from evdiag.casebook.model import Base
from evdiag.casebook.sqlite import PATIENCE_S, WRITES

_LOCK: Final = 0x65766469
"""Ours among the advisory locks of a database: one writer of the case book at a time."""

_ANSWERS_WITHIN_S: Final = 10


def engine_of(url: str) -> Engine:
    """Return the way to a server; nothing is said to it yet."""
    settings = f"-c lock_timeout={PATIENCE_S * 1000} -c timezone=UTC"
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=2,
        connect_args={
            "connect_timeout": _ANSWERS_WITHIN_S,
            "application_name": "evdiag",
            "options": settings,
        },
    )
    event.listen(engine, "begin", _begin)
    return engine


def vacuum(engine: Engine) -> None:
    """Have the server reuse the room of what was deleted."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        connection.execute(text(f"VACUUM {tables}"))


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(WRITES):
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    elif options.get("isolation_level") != "AUTOCOMMIT":
        # All that one screen shows is of one moment.
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
