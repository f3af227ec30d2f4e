"""A database file becomes layout rows: from the cache, or through cantools and the census."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from evdiag.databases.cache import cached, keep
from evdiag.databases.text import database_text
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from pathlib import Path

    from evdiag.databases.database import Database

OTHER_FORMATS = {".kcd": "kcd", ".sym": "sym", ".arxml": "arxml"}
"""By the end of their name; all else is a DBC."""


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
        # Here, not above: with the cache at hand none of it is needed.
        from evdiag.databases.other_formats import database_from_other

        database = database_from_other(text, OTHER_FORMATS[suffix], shown, sha256)
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
    return take_census(source, read_with_cantools(text, source)).database(file, sha256)
