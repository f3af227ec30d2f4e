"""``evdiag cases forget``."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.casebook.forgetting import Going
    from evdiag.casebook.opening import Book

_WORD = "forget"


@click.command("forget")
@click.option("--vin", help="All of the car with this VIN.")
@click.option("--plate", metavar="PLATE", help="All of the car with this number plate.")
@click.option("--customer", metavar="NAME", help="All cars of this customer, by the whole name.")
@click.option("--case", "case", type=click.IntRange(min=1), metavar="N", help="One case.")
@click.option("--files", is_flag=True, help="Delete its recordings and photos from the disk, too.")
@click.option("--yes", is_flag=True, help="Do it without asking, for scripts.")
@click.option("--tidy", is_flag=True, help="Only clear what an earlier one had to leave.")
def forget_command(
    vin: str | None,
    plate: str | None,
    customer: str | None,
    case: int | None,
    files: bool,
    yes: bool,
    tidy: bool,
) -> int:
    """Delete all that is known of a customer, a car or a case, so that it cannot be found again.

    Says first what goes, and asks for a word. Recordings and photos are files of their own: they
    are named, and stay, unless --files says otherwise. Copies and exports that were made of the
    book are known to nobody but who made them.
    """
    from evdiag.cli.case_book import book

    wishes = sum(wish is not None for wish in (vin, plate, customer, case))
    if wishes != (0 if tidy else 1):
        raise BadInputError("say who or what to forget: one of --vin, --plate, --customer, --case")
    with book() as opened:
        from evdiag.casebook.forgetting import Wish, forget, what_goes

        if tidy:
            return _tidied(opened)
        wish = Wish(vin, plate, customer, case)
        _say(what_goes(opened, wish), files)
        if not (yes or _agreed()):
            return 2
        gone = forget(opened, wish, time.time_ns())
        code = max(_tidied(opened), _delete(gone) if files else 0)
    click.echo("forgotten")
    return code


def _tidied(opened: Book) -> int:
    from evdiag.casebook.forgetting import tidy

    if tidy(opened):
        return 0
    click.echo(
        "evdiag: another program reads the case book, so traces are left in the file: close it, "
        "then `evdiag cases forget --tidy`",
        err=True,
    )
    return 2


def _say(going: Going, files: bool) -> None:
    for name in going.names:
        click.echo(plain_text(name))
    many = len(going.sessions)
    said = "1 session with all that it" if many == 1 else f"{many} sessions with all that they"
    click.echo(f"{said} showed")
    fate = "is deleted" if files else "stays on the disk"
    for file in going.files:
        kind = "photo" if file.is_photo else "recording"
        click.echo(f"{kind} {plain_text(file.path)} {fate}")


def _agreed() -> bool:
    """Ask for the word.

    Raises:
        BadInputError: there is nobody to ask.
    """
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise BadInputError("nothing is forgotten without a word: add --yes where nobody is asked")
    said: str = click.prompt(f"type {_WORD} to delete this", default="", show_default=False)
    if said.strip() == _WORD:
        return True
    click.echo("nothing was forgotten")
    return False


def _delete(gone: Going) -> int:
    from evdiag.casebook.on_disk import delete_file

    code = 0
    for file in gone.files:
        said = delete_file(file)
        click.echo(said)
        if not said.startswith("deleted"):
            code = 2
    return code
