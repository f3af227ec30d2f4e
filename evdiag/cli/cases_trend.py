"""``evdiag cases trend``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.options import format_option
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.casebook.opening import Book
    from evdiag.cli.output import Format, Record
    from evdiag.recurrence.history import History
    from evdiag.recurrence.sentence import Sentence
    from evdiag.recurrence.trend import Trend
    from evdiag.recurrence.workshop import Row

SENTENCE_COLUMNS = (
    "vehicle", "profile", "kind", "severity", "text", "n", "p", "interval", "interval_of",
    "numbers",
)  # fmt: skip
LIST_COLUMNS = (
    "vehicle", "profile", "unlocks", "failed", "failure_rate", "failure_rate_low",
    "failure_rate_high", "before_s", "now_s", "severity", "getting_worse", "text",
)  # fmt: skip

_SIGNS = {"worse": "!", "better": "+", "neutral": " "}


@click.command("trend")
@click.option("--vin", help="Of the car with this VIN.")
@click.option("--plate", metavar="PLATE", help="Of the car with this number plate.")
@click.option("--vehicle", metavar="ID", help="Of each car of this profile.")
@click.option("--all", "of_all", is_flag=True, help="A line for every car: so without options.")
@format_option
def trend_command(
    vin: str | None,
    plate: str | None,
    vehicle: str | None,
    of_all: bool,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Say what changes over the months: failures, times to release and to lock, repairs.

    Every sentence stands on numbers, and nothing is said of too few. Without a car: a line for
    every car of the book, those that are getting worse first.
    """
    from evdiag.casebook.needed import need_workshop
    from evdiag.cli.case_book import book

    if sum((vin is not None, plate is not None, vehicle is not None, of_all)) > 1:
        raise BadInputError("choose one of --vin, --plate, --vehicle and --all")
    need_workshop("scipy", "statsmodels")
    with book() as opened:
        if vin is None and plate is None and vehicle is None:
            return _list(opened, form, output, force)
        found = _of_profile(opened, vehicle) if vehicle else _of_car(opened, vin, plate)
    return _sentences(found, form, output, force)


def workshop_on_screen() -> int | None:
    """Show the cars and cases of the case book on the whole terminal.

    Returns:
        The exit code; none where the person wants the screen before.

    Raises:
        BadInputError: the libraries of the workshop are not installed.
    """
    from evdiag.tui.workshop_screen import workshop_app

    app = workshop_app()
    app.run()
    return None if app.went_back else 0


def _of_profile(opened: Book, profile: str) -> list[tuple[History, Trend]]:
    from evdiag.casebook.histories import histories
    from evdiag.recurrence.trend import trends

    found = histories(opened, profile=profile)
    if not found:
        raise BadInputError(f"the case book has no car of the profile {plain_text(profile)}")
    return list(zip(found, trends(found), strict=True))


def _of_car(opened: Book, vin: str | None, plate: str | None) -> list[tuple[History, Trend]]:
    from evdiag.casebook.cases import vehicles_called
    from evdiag.casebook.histories import histories
    from evdiag.recurrence.population import standing
    from evdiag.recurrence.trend import trend

    with opened.reading() as transaction:
        cars = [(car.id, car.profile) for car in vehicles_called(transaction, vin, plate)]
    if not cars:
        named = f"VIN {vin}" if vin is not None else f"number plate {plate}"
        raise BadInputError(f"the case book has no car with the {plain_text(named)}")
    found = []
    for key, profile in cars:
        alike = [] if profile is None else histories(opened, profile=profile)
        others = [standing(other) for other in alike]
        found += [(own, trend(own, others)) for own in histories(opened, vehicle=key)]
    return found


# -- sentences of cars ----------------------------------------------------------------------------


def _sentences(
    found: Sequence[tuple[History, Trend]], form: Format, output: Path | None, force: bool
) -> int:
    from evdiag.cli.output import destination, records

    if form == "table":
        with destination(output, force=force) as stream:
            for history, said in found:
                print("\n".join(map(plain_text, car_lines(history, said))), file=stream)
        return 0
    with records(form, output, SENTENCE_COLUMNS, str, force=force) as emit:
        for _, said in found:
            for sentence in said.sentences:
                emit(sentence_record(said, sentence))
            if not said.sentences:
                click.echo(f"{plain_text(said.name)}: {_NOTHING}", err=True)
    return 0


_NOTHING = "too little is known to say anything"


def sentence_record(said: Trend, sentence: Sentence) -> Record:
    """Return one sentence in its stable form."""
    return {
        "vehicle": said.name,
        "profile": said.model,
        "kind": sentence.kind,
        "severity": sentence.severity,
        "text": sentence.text,
        "n": list(sentence.n),
        "p": sentence.p,
        "interval": None if sentence.interval is None else list(sentence.interval),
        "interval_of": sentence.interval_of or None,
        "numbers": dict(sentence.numbers),
    }


def car_lines(history: History, said: Trend) -> Iterator[str]:
    """Yield what is said of a car, for people; foreign names in it are not plain yet."""
    from evdiag.recurrence.series import medians, series_of
    from evdiag.recurrence.sparkline import sparkline

    yield f"{said.name}  {said.model}"
    series = series_of(history, said)
    if series.points:
        course = medians(series.points, series.span_ns, 40)
        highest = max(each for each in course if each is not None)
        yield f"  release  {sparkline(course)}  up to {highest:.2f} s"
    for sentence in said.sentences:
        yield f"{_SIGNS[sentence.severity]} {sentence.text}"
    if not said.sentences:
        yield f"  {_NOTHING}"


# -- the list of all cars -------------------------------------------------------------------------


def _list(opened: Book, form: Format, output: Path | None, force: bool) -> int:
    from evdiag.casebook.histories import histories
    from evdiag.cli.output import records
    from evdiag.recurrence.workshop import workshop

    cars = workshop(histories(opened))
    if not cars:
        click.echo("the case book holds no car with a name and a dated recording", err=True)
    with records(form, output, LIST_COLUMNS, list_row, force=force) as emit:
        for car in cars:
            emit(list_record(car.row))
    return 0


def list_record(row: Row) -> Record:
    """Return one car of the list in its stable form."""
    failures = row.failures
    known = failures.tried > 0
    return {
        "vehicle": row.name,
        "profile": row.model,
        "unlocks": row.unlocks,
        "failed": failures.failed,
        "failure_rate": failures.share if known else None,
        "failure_rate_low": failures.low if known else None,
        "failure_rate_high": failures.high if known else None,
        "before_s": row.before_s,
        "now_s": row.now_s,
        "severity": row.severity,
        "getting_worse": row.getting_worse,
        "text": None if row.said is None else row.said.text,
        "course": list(row.course),
    }


def list_row(entry: Record) -> str:
    """Return one car of the list for people."""
    from evdiag.recurrence.sparkline import sparkline
    from evdiag.recurrence.wording import percent_range, percent_text, seconds_text

    head = f"{_SIGNS[entry['severity']]} {entry['vehicle']:<18} {entry['profile']:<16}"
    if not entry["unlocks"]:
        return plain_text(f"{head} no unlocks")
    rate = percent_text(entry["failure_rate"])
    between = percent_range(entry["failure_rate_low"], entry["failure_rate_high"])
    parts = [f"{head} {entry['unlocks']:>5} unlocks, {rate} failed ({between})"]
    if entry["now_s"] is not None:
        before = "" if entry["before_s"] is None else f", before {seconds_text(entry['before_s'])}"
        parts.append(f"{sparkline(entry['course'])} {seconds_text(entry['now_s'])}{before}")
    text = "" if entry["text"] is None else f"\n    {plain_text(entry['text'])}"
    return plain_text("  ".join(parts)) + text
