"""What the screens look at: cases, one case, cars over time. Plain values.

The book is opened for each look and closed again; one that is not there yet is not made by looking.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evdiag.casebook.needed import need_workshop
from evdiag.errors import BadInputError

if TYPE_CHECKING:
    from evdiag.casebook.opening import Book
    from evdiag.casebook.values import CaseCard, CaseFile
    from evdiag.recurrence.workshop import Car


def all_cases() -> list[CaseCard]:
    """Return every case, the newest first.

    Raises:
        BadInputError: the book cannot be used.
    """
    with _book() as book:
        if book is None:
            return []
        from evdiag.casebook.reading import cases_in

        return cases_in(book, with_closed=True)


def open_cases() -> list[CaseCard]:
    """Return the cases that are open, the newest first.

    Raises:
        BadInputError: the book cannot be used.
    """
    return [case for case in all_cases() if case.is_open]


def whole_case(number: int) -> CaseFile:
    """Return all of a case.

    Raises:
        BadInputError: there is no such case, or the book cannot be used.
    """
    with _book() as book:
        if book is None:
            raise BadInputError("there is no case book any more")
        from evdiag.casebook.reading import case_file

        return case_file(book, number)


def cars_over_time() -> list[Car]:
    """Return every car with a name, those that are getting worse first.

    Raises:
        BadInputError: the book cannot be used.
    """
    with _book() as book:
        if book is None:
            return []
        from evdiag.casebook.histories import histories

        found = histories(book)
    from evdiag.recurrence.workshop import workshop

    return workshop(found)


@contextmanager
def _book() -> Iterator[Book | None]:
    need_workshop()
    from evdiag.casebook.opening import open_book
    from evdiag.casebook.place import place_of

    path = place_of().path
    if path is not None and not path.exists():
        yield None
        return
    with open_book() as book:
        yield book
