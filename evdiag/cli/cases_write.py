"""``evdiag cases new``, ``add`` and ``close``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.options import case_argument, for_each, time_unit_option
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evdiag.casebook.opening import Book
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.scan.places import ReadAs

_a_file = click.Path(path_type=Path, dir_okay=False)

_BEFORE_CARS = datetime(1900, 1, 1, tzinfo=UTC)
_CODE = re.compile(r"[PCBU][0-3][0-9A-F]{3}([0-9A-F]{2}|-[0-9A-F]{2})?")
"""SAE J2012: a letter for the system and four hex digits, perhaps a failure type byte."""

INLETS = ("type1", "type2", "ccs1", "ccs2", "chademo", "nacs", "gbt-ac", "gbt-dc")
"""The charge ports there are, as the field calls them."""


@click.command("new")
@click.option("--vin", help="The car's VIN: 17 letters and digits; leave out what is not known.")
@click.option("--plate", metavar="PLATE", help="Its number plate.")
@click.option("--vehicle", metavar="ID", help="Its profile (see `evdiag vehicles list`).")
@click.option("--inlet", type=click.Choice(INLETS), help="Its charge port.")
@click.option("--customer", metavar="NAME", help="Whose it is.")
@click.option("--complaint", metavar="TEXT", help="What it is here for.")
def new_command(
    vin: str | None,
    plate: str | None,
    vehicle: str | None,
    inlet: str | None,
    customer: str | None,
    complaint: str | None,
) -> int:
    """Open a case, and print its number. A car that the book knows by VIN or plate is that car."""
    from evdiag.cli.case_book import book, now_ns

    refuse_unknown_profile(vehicle)
    with book() as opened:
        from evdiag.casebook.cases import CarWords, new_case

        car = CarWords(*map(_filled, (vin, plate, vehicle, inlet, customer)))
        with opened.writing() as transaction:
            number = new_case(transaction, car, _filled(complaint), now_ns()).number
    click.echo(number)
    return 0


@click.command("add")
@case_argument
@click.argument("recordings", metavar="[RECORDING...]", nargs=-1)
@click.option("--vehicle", metavar="ID", help="Read the recordings as of a car of this profile.")
@time_unit_option
@click.option("--note", "notes", multiple=True, metavar="TEXT", help="Something to remember.")
@click.option("--step", "steps", multiple=True, metavar="TEXT", help="Something that was tried.")
@click.option("--part", metavar="NAME", help="A part that was fitted.")
@click.option("--part-number", metavar="NUMBER", help="The number of that part.")
@click.option("--photo", "photos", multiple=True, type=_a_file, metavar="FILE", help="A picture.")
@click.option(
    "--dtc-before",
    type=_a_file,
    metavar="FILE.jsonl",
    help="Trouble codes before the work, as `evdiag dtc read --format jsonl` wrote them.",
)
@click.option("--dtc-after", type=_a_file, metavar="FILE.jsonl", help="Those after the work.")
@click.option(
    "--code-before", "codes_before", multiple=True, metavar="P1234", help="One code, by hand."
)
@click.option("--code-after", "codes_after", multiple=True, metavar="P1234", help="The same.")
@click.option("--on", "day", metavar="YYYY-MM-DD", help="When a part was fitted, a step tried.")
def add_command(
    number: int,
    recordings: tuple[str, ...],
    vehicle: str | None,
    time_unit: TimeUnit | None,
    notes: tuple[str, ...],
    steps: tuple[str, ...],
    part: str | None,
    part_number: str | None,
    photos: tuple[Path, ...],
    dtc_before: Path | None,
    dtc_after: Path | None,
    codes_before: tuple[str, ...],
    codes_after: tuple[str, ...],
    day: str | None,
) -> int:
    """Add to a case: recordings, and what was seen, tried and fitted.

    Each recording is read, its attempts and findings are kept with its hash and where it lies; the
    same one is in a case once.
    """
    from evdiag.cli.case_book import book, file_one

    part = _filled(part)
    notes, steps = _not_blank(notes), _not_blank(steps)
    if part_number is not None and part is None:
        raise BadInputError("--part-number is of a part: say which with --part")
    if day is not None and part is None and not steps:
        raise BadInputError("--on is of a part or a step: say which with --part or --step")
    others = (photos, dtc_before, dtc_after, codes_before, codes_after)
    if not any((recordings, notes, steps, part, *others)):
        raise BadInputError(
            "nothing is to be added: say what, as `evdiag cases add --help` lists it"
        )
    written: dict[str, Any] = {
        "notes": notes,
        "steps": steps,
        "parts": [] if part is None else [(part, part_number)],
        "photos": photos,
        "codes": [
            ("before", [*_codes_in(dtc_before), *map(_by_hand, codes_before)]),
            ("after", [*_codes_in(dtc_after), *map(_by_hand, codes_after)]),
        ],
        "time_ns": None if day is None else _noon_ns(day),
    }
    with book() as opened:
        _write(opened, number, **written)
        if not recordings:
            return 0
        from evdiag.scan.places import ReadAs

        read_as = ReadAs(vehicle, time_unit)
        return for_each(recordings, partial(_one, file_one, opened, number, read_as))


@click.command("close")
@case_argument
@click.option("--verdict", metavar="TEXT", help="What it came to.")
def close_command(number: int, verdict: str | None) -> int:
    """Close a case."""
    from evdiag.cli.case_book import book, now_ns

    with book() as opened:
        from evdiag.casebook.cases import case_of, close_case

        with opened.writing() as transaction:
            close_case(case_of(transaction, number), _filled(verdict), now_ns())
    return 0


def refuse_unknown_profile(vehicle: str | None) -> None:
    """Make sure that a car's profile is known.

    Raises:
        BadInputError: it is not.
    """
    if vehicle:
        from evdiag.vehicles.library import library

        library().profile(vehicle)


def _one(file_one: Any, opened: Book, number: int, read_as: ReadAs, name: str) -> int:
    file_one(opened, number, name, "file", read_as)
    return 0


def _write(
    opened: Book,
    number: int,
    *,
    notes: Sequence[str],
    steps: Sequence[str],
    parts: Sequence[tuple[str, str | None]],
    photos: Sequence[Path],
    codes: Sequence[tuple[Any, Sequence[dict[str, Any]]]],
    time_ns: int | None,
) -> None:
    """Write down all that is no recording, or nothing of it."""
    from evdiag.casebook.cases import add_note, case_of
    from evdiag.casebook.entries import add_codes, add_part, add_photo, add_step, photo_hash
    from evdiag.cli.case_book import now_ns

    now = now_ns()
    when = now if time_ns is None else time_ns
    hashes = [photo_hash(photo) for photo in photos]
    with opened.writing() as transaction:
        case = case_of(transaction, number)
        for note in notes:
            add_note(case, note, now)
        for step in steps:
            add_step(transaction, case, step, when)
        for name, part_number in parts:
            add_part(transaction, case, name, part_number, when)
        for photo, sha256 in zip(photos, hashes, strict=True):
            add_photo(transaction, case, photo, sha256, now)
        for reading, rows in codes:
            add_codes(transaction, case, reading, rows, now)


def _codes_in(path: Path | None) -> list[dict[str, Any]]:
    if path is None:
        return []
    from evdiag.cli.trouble_code_changes import read_codes_file

    return read_codes_file(path)


def _by_hand(code: str) -> dict[str, Any]:
    sae = code.strip().upper()
    if not _CODE.fullmatch(sae):
        raise BadInputError(f"{plain_text(code)} is no trouble code: write it as P0D55")
    return {"sae": sae}


def _noon_ns(day: str) -> int:
    """Return a day's noon, UTC: whatever the workshop's clock, it is that day."""
    try:
        noon = datetime.strptime(day, "%Y-%m-%d").replace(hour=12, tzinfo=UTC)
    except ValueError:
        noon = _BEFORE_CARS
    if noon <= _BEFORE_CARS:
        raise BadInputError(f"{plain_text(day)} is no day: write it as 2026-05-12") from None
    if noon > datetime.now(UTC) + timedelta(days=1):
        raise BadInputError(f"{plain_text(day)} is still to come: --on is when it was done")
    return int(noon.timestamp()) * 10**9


def _not_blank(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in texts if text.strip())


def _filled(text: str | None) -> str | None:
    return (text or "").strip() or None
