"""What the commands of the case book share: the book, the case, a recording put into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from evdiag.errors import EvdiagError

if TYPE_CHECKING:
    from evdiag.casebook.model import Kind
    from evdiag.casebook.opening import Book
    from evdiag.scan.places import ReadAs

_Command = TypeVar("_Command", bound=Callable[..., Any])


def book() -> Book:
    """Open the case book.

    Raises:
        BadInputError: that is not possible.
    """
    from evdiag.casebook.needed import need_workshop

    need_workshop()
    from evdiag.casebook.opening import open_book

    return open_book()


def now_ns() -> int:
    """Return the time of day."""
    return time.time_ns()


def case_option(said: str) -> Callable[[_Command], _Command]:
    """Return what adds ``--case N`` to a command."""
    return click.option("--case", "case", type=click.IntRange(min=1), metavar="N", help=said)


def check_case(number: int | None) -> None:
    """See to it, before the work, that there is such a case.

    Raises:
        BadInputError: there is none, or no case book.
    """
    if number is None:
        return
    with book() as opened:
        from evdiag.casebook.cases import case_of

        with opened.reading() as transaction:
            case_of(transaction, number)


def put_into_case(
    number: int, names: Iterable[str | Path], kind: Kind, read_as: ReadAs | None = None
) -> int:
    """File recordings into a case, one after the other; say what came of each.

    Returns the exit code: that of the worst.
    """
    code = 0
    with book() as opened:
        for name in names:
            try:
                file_one(opened, number, str(name), kind, read_as)
            except EvdiagError as error:
                click.echo(f"evdiag: {error}", err=True)
                code = max(code, error.exit_code)
    return code


def file_one(
    opened: Book, number: int, name: str, kind: Kind, read_as: ReadAs | None = None
) -> None:
    """File one recording, or a shipped scenario by its name, into a case; say what came of it.

    Raises:
        BadInputError: it cannot be read, is of another car, or there is no such case.
    """
    from evdiag.casebook.adding import add_recording
    from evdiag.cli.analysis import shipped_or_named

    path = shipped_or_named(name)
    added = add_recording(opened, number, path, kind, now_ns(), read_as)
    if added.doubt:
        click.echo(added.doubt, err=True)
    click.echo(added.sentence)
