"""A copy of the book, made while others go on using it."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import suppress
from pathlib import Path

from evdiag.casebook.exchange import exported
from evdiag.casebook.opening import Book
from evdiag.casebook.sqlite import copy_to
from evdiag.errors import BadInputError
from evdiag.plain import plain_text


def back_up(book: Book, target: Path) -> str:
    """Write a copy, which appears whole or not at all; return in words what it is.

    A file is copied as a file. Of a server's database the copy is an export. A link's target is
    replaced, not the link; a device is no place for a book.

    Raises:
        BadInputError: it cannot be written.
    """
    label, target = plain_text(str(target)), target.resolve()
    if target.exists() and not target.is_file():
        raise BadInputError(f"{label} is no ordinary file: name another one")
    unfinished = target.with_name(f".evdiag-{secrets.token_hex(8)}")
    try:
        _make_for_owner(unfinished)
        if book.place.path is None:
            # The server's own tools copy it as a database.
            with unfinished.open("w", encoding="utf-8") as stream:
                stream.writelines(exported(book))
            said = "the whole book as JSON, for `evdiag cases import`; pg_dump copies the database"
        else:
            copy_to(book.place.path, unfinished)
            said = "a case book: EVDIAG_CASEBOOK can name it"
        os.replace(unfinished, target)
    except (OSError, sqlite3.Error) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise BadInputError(f"{label} cannot be written: {plain_text(why)}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return said


def _make_for_owner(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
