"""The case book, open: transactions to read it in, and transactions to write it in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook import postgresql, sqlite
from evdiag.casebook.migrating import bring_up
from evdiag.casebook.place import Place, place_of
from evdiag.errors import BadInputError

_LONGEST_WORDS: Final = 200
_WHAT_HELPS: Final = {
    "is locked": "another program is writing to it: wait until it is done, or end it",
    "is malformed": "put a backup of it in its place (`evdiag cases backup` makes them)",
    "is full": "make room; what was in it before is whole",
    "readonly": "it can only be read there: copy it to where it may be written, and name the copy "
    "in EVDIAG_CASEBOOK",
}
"""What to do about what SQLite says in a few words of its own."""


class Book:
    """An open case book. Every transaction is whole: it is there with all it did, or never was."""

    def __init__(self, place: Place, engine: Engine) -> None:
        self.place = place
        self.engine = engine

    @property
    def label(self) -> str:
        """How the book is called in messages."""
        return self.place.label

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Yield a transaction that sees the book as it is at one moment.

        Raises:
            BadInputError: the book cannot be read any more.
        """
        with told(self.place), Transaction(self.engine) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Yield the one transaction that may write; it ends well or leaves nothing behind.

        Raises:
            BadInputError: the book cannot be written.
        """
        with (
            told(self.place),
            self.engine.connect().execution_options(**{sqlite.WRITES: True}) as connection,
            Transaction(connection) as transaction,
        ):
            yield transaction
            transaction.commit()

    def close(self) -> None:
        """Let go of it."""
        self.engine.dispose()

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_book(url: str | None = None) -> Book:
    """Open the case book that a URL or path names, else ``EVDIAG_CASEBOOK``, else the user's own.

    It is made where there is none, and brought up to date where an earlier evdiag made it. One that
    lies where nothing can be written is open for reading.

    Raises:
        BadInputError: there is no way to it, it is no case book, or a later evdiag made it.
    """
    place = place_of(url)
    path = place.path
    engine = postgresql.engine_of(place.url) if path is None else sqlite.engine_of(path)
    try:
        with told(place):
            bring_up(engine, place)
    except BaseException:
        engine.dispose()
        raise
    return Book(place, engine)


@contextmanager
def told(place: Place) -> Iterator[None]:
    """Say in one sentence what a database says in many.

    Raises:
        BadInputError: it says something.
    """
    try:
        yield
    except DBAPIError as error:
        lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
        words = place.without_secrets("; ".join(lines))[:_LONGEST_WORDS]
        if "not a database" in words:
            said = f"{place.label} is not a case book: name another file"
        else:
            helps = (what for sign, what in _WHAT_HELPS.items() if sign in words)
            said = "; ".join((f"the case book {place.label} cannot be used: {words}", *helps))
        raise BadInputError(said) from None
