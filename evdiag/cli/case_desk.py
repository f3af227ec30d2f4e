"""The case book for the key of the screens: opened for each thing that is done, and closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.errors import EvdiagError
from evdiag.tui.case_desk import CaseDesk, Put, SeenCar

if TYPE_CHECKING:
    from evdiag.casebook.model import Kind
    from evdiag.casebook.values import CaseCard
    from evdiag.scan.places import ReadAs


@dataclass(frozen=True, slots=True)
class BookOnScreen:
    """The user's case book; `read_as` is what was said of what is recorded or played."""

    kind: Kind
    read_as: ReadAs | None = None

    def open_cases(self) -> Sequence[CaseCard]:
        """Return the cases that are open, the newest first.

        Raises:
            BadInputError: the book cannot be used.
        """
        from evdiag.casebook.looking import open_cases

        return open_cases()

    def new_case(self, plate: str, complaint: str, car: SeenCar) -> int:
        """Open a case, and return its number.

        A car that the book knows keeps its profile: a person may have said it.

        Raises:
            BadInputError: the book cannot be used.
        """
        from evdiag.cli.case_book import book, now_ns

        with book() as opened:
            from evdiag.casebook.cases import CarWords, new_case, vehicle_of, well_formed_vin

            words, now = CarWords(well_formed_vin(car.vin), plate or None), now_ns()
            with opened.writing() as transaction:
                case = new_case(transaction, words, complaint or None, now)
                vehicle = vehicle_of(transaction, case)
                if vehicle.profile is None:
                    vehicle.profile, vehicle.changed_ns = car.profile, now
                return case.number

    def file(self, number: int, recording: str | Path) -> Put:
        """Put a recording into a case; nothing is raised where that fails, it is said."""
        from evdiag.cli.case_book import book, now_ns

        try:
            with book() as opened:
                from evdiag.casebook.adding import add_recording

                name = str(recording)
                added = add_recording(opened, number, name, self.kind, now_ns(), self.read_as)
        except EvdiagError as error:
            return Put(str(error), code=error.exit_code)
        return Put(added.sentence, added.doubt)


def say_what_was_put(cases: CaseDesk) -> int:
    """Say what became of the recordings that went into a case; return the worst exit code.

    Waits until all of it is written.
    """
    if cases.is_busy:
        click.echo("evdiag: writing into the case book …", err=True)
    cases.finish()
    for put in cases.put:
        if put.doubt:
            click.echo(put.doubt, err=True)
        if put.code:
            click.echo(f"evdiag: {put.sentence}", err=True)
        else:
            click.echo(put.sentence)
    return max((put.code for put in cases.put), default=0)
