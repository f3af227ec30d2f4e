"""``evdiag cases list`` and ``evdiag cases show``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.options import case_argument, format_option
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.casebook.values import CaseCard, CaseFile
    from evdiag.cli.output import Format, Record

COLUMNS = (
    "number", "plate", "vin", "profile", "inlet", "customer", "opened_ns", "closed_ns", "complaint",
    "verdict", "note", "sessions", "attempts", "faults",
)  # fmt: skip


@click.command("list")
@click.argument("search", required=False, metavar="[TEXT]")
@click.option("--open/--all", "only_open", default=True, help="Without those that are closed.")
@click.option("--customer", metavar="NAME", help="Of this customer, or part of the name.")
@click.option("--vehicle", metavar="ID", help="Of cars of this profile.")
@format_option
def list_command(
    search: str | None,
    only_open: bool,
    customer: str | None,
    vehicle: str | None,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """List cases, the newest first; with TEXT those that have it anywhere."""
    from evdiag.cli.case_book import book
    from evdiag.cli.output import records

    with book() as opened, records(form, output, COLUMNS, table_row, force=force) as emit:
        from evdiag.casebook.reading import cases_in

        cards = cases_in(
            opened, with_closed=not only_open, customer=customer, vehicle=vehicle, search=search
        )
        for card in cards:
            emit(record(card))
    if not cards:
        kind = "open case" if only_open else "case"
        is_asked = any(word is not None for word in (search, customer, vehicle))
        said = f"no {kind} has that" if is_asked else f"no {kind}: `evdiag cases new` opens one"
        click.echo(f"evdiag: {said}", err=True)
    return 0


@click.command("show")
@case_argument
@format_option
def show_command(number: int, form: Format, output: Path | None, force: bool) -> int:
    """Show all of a case: car, sessions with attempts and findings, steps, codes, parts, photos."""
    from evdiag.casebook.telling import case_lines
    from evdiag.cli.case_book import book
    from evdiag.cli.output import records

    with book() as opened:
        from evdiag.casebook.reading import case_file

        shown = case_file(opened, number)

    def words(_: Record) -> str:
        return "\n".join(plain_text(line) for line in case_lines(shown))

    with records(form, output, COLUMNS, words, force=force) as emit:
        emit(whole_record(shown))
    return 0


def record(card: CaseCard) -> dict[str, Any]:
    """Return a case in a list as a record."""
    values = asdict(card) | asdict(card.vehicle)
    return {name: card.note if name == "note" else values[name] for name in COLUMNS}


def whole_record(shown: CaseFile) -> dict[str, Any]:
    """Return all of a case as a record."""
    return record(shown.case) | {
        "sessions": [asdict(session) for session in shown.sessions],
        "steps": [asdict(step) for step in shown.steps],
        "trouble_codes": [asdict(code) for code in shown.codes],
        "parts": [asdict(part) for part in shown.parts],
        "photos": [asdict(photo) for photo in shown.photos],
    }


def table_row(entry: Record) -> str:
    """Return a case in a list for people."""
    from evdiag.casebook.telling import day

    name = entry["plate"] or entry["vin"] or "car without a name"
    parts = [f"{entry['number']:>4}  {day(entry['opened_ns'])}  {name:<18}"]
    parts.append(f"{entry['profile'] or '':<16} {entry['sessions']:>3} recordings")
    if entry["faults"]:
        parts.append("1 fault" if entry["faults"] == 1 else f"{entry['faults']} faults")
    if entry["complaint"]:
        parts.append(entry["complaint"])
    if entry["closed_ns"] is not None:
        parts.append(f"closed {day(entry['closed_ns'])}: {entry['verdict'] or 'no verdict'}")
    return plain_text("  ".join(parts))
