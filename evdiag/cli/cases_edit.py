"""``evdiag cases edit``."""

from __future__ import annotations

import click

from evdiag.cli.cases_write import INLETS, refuse_unknown_profile
from evdiag.cli.options import case_argument
from evdiag.errors import BadInputError


@click.command("edit")
@case_argument
@click.option("--complaint", metavar="TEXT", help="What it is here for.")
@click.option("--verdict", metavar="TEXT", help="What it came to.")
@click.option("--reopen", is_flag=True, help="Open it again; its verdict stays.")
@click.option("--vin", help="The car's VIN, where the book has none of it.")
@click.option("--plate", metavar="PLATE", help="Its number plate.")
@click.option("--vehicle", metavar="ID", help="Its profile (see `evdiag vehicles list`).")
@click.option("--inlet", type=click.Choice(("", *INLETS)), help="Its charge port.")
@click.option("--customer", metavar="NAME", help="Whose it is.")
def edit_command(
    number: int,
    complaint: str | None,
    verdict: str | None,
    reopen: bool,
    vin: str | None,
    plate: str | None,
    vehicle: str | None,
    inlet: str | None,
    customer: str | None,
) -> int:
    """Put right what is written of a case, or open it again.

    What is said of the car holds for all of its cases. Nothing ("") takes away what is written.
    """
    from evdiag.cli.case_book import book, now_ns

    vehicle = _stripped(vehicle)
    words = (_stripped(vin), _stripped(plate), vehicle, inlet, _stripped(customer))
    said_of_car = any(word is not None for word in words)
    if not (said_of_car or reopen) and complaint is None and verdict is None:
        raise BadInputError(
            "nothing is to be put right: say what, as `evdiag cases edit --help` lists it"
        )
    refuse_unknown_profile(vehicle)
    with book() as opened:
        from evdiag.casebook.cases import CarWords, case_of
        from evdiag.casebook.editing import edit_car, edit_case

        with opened.writing() as transaction:
            case = case_of(transaction, number)
            if said_of_car:
                edit_car(transaction, case, CarWords(*words), now_ns())
            edit_case(
                case,
                now_ns(),
                complaint=_stripped(complaint),
                verdict=_stripped(verdict),
                reopen=reopen,
            )
    return 0


def _stripped(text: str | None) -> str | None:
    return None if text is None else text.strip()
