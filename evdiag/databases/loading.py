"""A database file becomes layout rows: from the cache, or through cantools and the census."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from evdiag.databases.cache import cached, keep
from evdiag.databases.database import Database
from evdiag.databases.text import database_text
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from pathlib import Path

OTHER_FORMATS = {".kcd": "kcd", ".sym": "sym", ".arxml": "arxml"}
"""Read by cantools as they are; no repair is tried."""


def load(path: Path) -> Database:
    """Load a database file, tolerantly, and say what is wrong with it.

    Raises:
        BadInputError: the file cannot be read, or there is no database in it.
    """
    shown = plain_text(str(path))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{shown} cannot be read: {error.strerror}") from None
    suffix = path.suffix.lower()
    sha256 = hashlib.sha256(content).hexdigest()
    kept = cached(shown, sha256, suffix)
    if kept is not None:
        return kept
    text = database_text(content, shown)
    if suffix in OTHER_FORMATS:
        database = _other(text, OTHER_FORMATS[suffix], shown, sha256)
    else:
        database = database_from_dbc(text, shown, sha256)
    keep(database, suffix)
    return database


def database_from_dbc(text: str, file: str, sha256: str) -> Database:
    """Load the text of a DBC; `file` and `sha256` are what the database says of itself.

    Raises:
        BadInputError: there is nothing of a DBC in it.
    """
    # Here, not above: with the cache at hand none of it is needed.
    from evdiag.databases.census import take_census
    from evdiag.databases.reading import read_with_cantools
    from evdiag.databases.source import read_source

    source = read_source(text)
    if not source.keywords:
        raise BadInputError(f"{file} is no DBC: it holds none of a DBC's statements")
    census = take_census(source, read_with_cantools(text, source))
    return Database(
        file,
        sha256,
        tuple(census.messages),
        tuple(problem._replace(file=file) for problem in census.problems),
        census.message_statements,
        census.signal_statements,
    )


def _other(text: str, form: str, file: str, sha256: str) -> Database:
    import cantools

    from evdiag.databases.foreign import message_from_cantools

    try:
        database: Any = cantools.database.load_string(text, form, strict=False)
        layouts = tuple(map(message_from_cantools, database.messages))
    except Exception as error:  # noqa: BLE001 - whatever the parser raises is its verdict
        reason = plain_text(" ".join(str(error).split()))[:200]
        raise BadInputError(f"{file} cannot be read as {form.upper()}: {reason}") from None
    signals = sum(len(layout.signals) for layout in layouts)
    return Database(file, sha256, layouts, (), len(layouts), signals)
