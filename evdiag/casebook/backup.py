"""A copy of the book, made while others go on using it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from evdiag.casebook.exchange import exported
from evdiag.casebook.opening import Book
from evdiag.casebook.sqlite import copy_to
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.whole_file import unfinished_beside


def back_up(book: Book, target: Path) -> str:
    """Write a copy, which appears whole or not at all; return in words what it is.

    A file is copied as a file. Of a server's database the copy is an export. A link's target is
    replaced, not the link; a device is no place for a book.

    Raises:
        BadInputError: it cannot be written.
    """
    label = plain_text(str(target))
    if target.exists() and not target.is_file():
        raise BadInputError(f"{label} is no ordinary file: name another one")
    try:
        target.resolve().parent.mkdir(parents=True, exist_ok=True)
        with unfinished_beside(target, private=True) as unfinished:
            return _write(book, unfinished)
    except (OSError, sqlite3.Error) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise BadInputError(f"{label} cannot be written: {plain_text(why)}") from None


def _write(book: Book, path: Path) -> str:
    if book.place.path is not None:
        copy_to(book.place.path, path)
        return "a case book: EVDIAG_CASEBOOK can name it"
    # The server's own tools copy it as a database.
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(exported(book))
    return "the whole book as JSON, for `evdiag cases import`; pg_dump copies the database"
