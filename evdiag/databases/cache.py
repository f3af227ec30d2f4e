"""Compiled layouts kept in the user's cache folder: the second reading needs no cantools.

A cache that cannot be read or written is no trouble: the file is read again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from evdiag import __version__
from evdiag.databases.database import Database, Problem
from evdiag.databases.layout import MessageLayout, MultiplexCondition, SignalLayout
from evdiag.user_files import cache_folder, write_whole

FORMAT = 3
"""Counts up when rows or the way they are made change."""


def cached(file: str, sha256: str, suffix: str) -> Database | None:
    """Return the database of this content as an earlier run read it, under this file's name."""
    try:
        stored = json.loads(_path(sha256, suffix).read_text(encoding="utf-8"))
        if stored["made_by"] != _made_by():
            return None
        return Database(
            file,
            sha256,
            tuple(_message(row) for row in stored["messages"]),
            tuple(Problem(kind, file, *rest) for kind, _, *rest in stored["problems"]),
            *stored["statements"],
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return None


def keep(database: Database, suffix: str) -> None:
    """Store a database for the next run, whole or not at all."""
    stored = {
        "made_by": _made_by(),
        "messages": database.messages,
        "problems": database.problems,
        "statements": [database.message_statements, database.signal_statements],
    }
    # RuntimeError: no home folder can be determined.
    with suppress(OSError, RuntimeError):
        path = _path(database.sha256, suffix)
        write_whole(path, json.dumps(stored, separators=(",", ":")))


def _path(sha256: str, suffix: str) -> Path:
    return cache_folder() / "layouts" / f"{sha256}{suffix}.json"


def _made_by() -> list[Any]:
    return [__version__, FORMAT]


def _message(row: list[Any]) -> MessageLayout:
    name, number, extended, length, signals, fd, period_ms, senders, comment = row
    return MessageLayout(
        name,
        number,
        extended,
        length,
        tuple(_signal(signal) for signal in signals),
        fd,
        period_ms,
        tuple(senders),
        comment,
    )


def _signal(row: list[Any]) -> SignalLayout:
    choices, _, conditions = row[11:14]
    row[11] = tuple((number, text) for number, text in choices)
    row[13] = tuple(
        MultiplexCondition(switch, tuple((low, high) for low, high in ranges))
        for switch, ranges in conditions
    )
    return SignalLayout(*row)
