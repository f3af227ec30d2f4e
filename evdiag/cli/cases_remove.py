"""``evdiag cases remove``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evdiag.cli.options import case_argument
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.casebook.model import Reading


@click.command("remove")
@case_argument
@click.argument("recordings", metavar="[RECORDING...]", nargs=-1)
@click.option("--note", "notes", multiple=True, metavar="TEXT", help="A note, as it was written.")
@click.option("--step", "steps", multiple=True, metavar="TEXT", help="A step, as it was written.")
@click.option("--part", "parts", multiple=True, metavar="NAME", help="A part, or its number.")
@click.option("--photo", "photos", multiple=True, metavar="FILE", help="A picture.")
@click.option("--code-before", "codes_before", multiple=True, metavar="P1234", help="A code.")
@click.option("--code-after", "codes_after", multiple=True, metavar="P1234", help="The same.")
def remove_command(
    number: int,
    recordings: tuple[str, ...],
    notes: tuple[str, ...],
    steps: tuple[str, ...],
    parts: tuple[str, ...],
    photos: tuple[str, ...],
    codes_before: tuple[str, ...],
    codes_after: tuple[str, ...],
) -> int:
    """Take out of a case what was put into it by mistake: all that is named, or nothing.

    Recordings and pictures go by their path, the name of the file, or eight digits of the hash
    that `evdiag cases show` prints. The files stay where they are.
    """
    from evdiag.cli.case_book import book, now_ns

    before: list[tuple[Reading, str]] = [("before", code) for code in codes_before]
    after: list[tuple[Reading, str]] = [("after", code) for code in codes_after]
    if not any((recordings, notes, steps, parts, photos, before, after)):
        raise BadInputError(
            "nothing is to be taken out: say what, as `evdiag cases remove --help` lists it"
        )
    with book() as opened:
        from evdiag.casebook.cases import case_of
        from evdiag.casebook.removing import Mistakes, remove

        mistakes = Mistakes(recordings, photos, parts, notes, steps, [*before, *after])
        with opened.writing() as transaction:
            gone = remove(transaction, case_of(transaction, number), mistakes, now_ns())
    for sentence in gone:
        click.echo(f"taken out: {plain_text(sentence)}")
    return 0
