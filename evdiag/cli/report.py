"""``evdiag report``: the hand-over, as one page of HTML or as a PDF."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import click

from evdiag.cli.analysis import captured_whole, say_car, shipped_or_named
from evdiag.cli.options import time_unit_option, vehicle_option
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.casebook.opening import Book
    from evdiag.casebook.values import VehicleCard
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.report.document import Document, Section
    from evdiag.report.model import Report
    from evdiag.report.words import Words

Form: TypeAlias = Literal["html", "pdf"]

_STDOUT = "-"


@click.command("report")
@click.argument("recording", metavar="RECORDING|CASE")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="The page to write: its name ends in .html or .pdf; - writes HTML to standard output.",
)
@click.option("--lang", "language", metavar="LANG", help="en or de; else as EVDIAG_LANG or LANG.")
@vehicle_option
@time_unit_option
@click.option("--force", is_flag=True, help="Overwrite the output file.")
def command(
    recording: str,
    output: str,
    language: str | None,
    vehicle: str | None,
    time_unit: TimeUnit | None,
    force: bool,
) -> int:
    """Write the page a customer can be given, and the breakdown service be read.

    Car, verdict, timeline, attempts, steps tried, findings with their evidence, what was
    transmitted, and the recording's hashes. It needs `python3 -m pip install "evdiag[report]"`.

    A number is a case of the case book (`evdiag cases`), unless a file has that name: the page then
    has the complaint, every session, trouble codes before and after, parts and the verdict.
    """
    form = _form(output)
    _refuse(output, recording, force)
    from evdiag.guide_files import spoken_language
    from evdiag.reporting import words

    spoken = words(spoken_language(language))
    if _is_case(recording):
        _write(output, _case_page(int(recording), spoken, form), force)
        return 0
    report = _report(recording, vehicle, time_unit, spoken)
    _write(output, _page(report, spoken, form), force)
    return 0


def _form(output: str) -> Form:
    if output == _STDOUT:
        return "html"
    match Path(output).suffix.lower():
        case ".html" | ".htm":
            return "html"
        case ".pdf":
            return "pdf"
    raise BadInputError(
        f"{plain_text(output)}: a report is HTML or PDF: name a file that ends in .html or .pdf"
    )


def _refuse(output: str, recording: str, force: bool) -> None:
    """Say before the work, not after it, that the output is in the way."""
    if output == _STDOUT:
        return
    from evdiag.cli.output import refuse_existing, refuse_inputs

    refuse_inputs(Path(output), [shipped_or_named(recording)])
    refuse_existing(Path(output), force)


def _report(
    recording: str, vehicle: str | None, time_unit: TimeUnit | None, spoken: Words
) -> Report:
    from evdiag.reporting import analysis_of, report_of, report_of_answers

    capture = captured_whole(recording, time_unit)
    analysis = analysis_of(capture, vehicle)
    if analysis is None:
        return report_of_answers(capture, vehicle, spoken.guide)
    say_car(recording, analysis, vehicle)
    return report_of(analysis, spoken.guide, named=vehicle is not None)


def _is_case(name: str) -> bool:
    """Tell whether a number is meant: a file of that name is a recording."""
    return name.isascii() and name.isdecimal() and not Path(name).exists()


def _case_page(number: int, spoken: Words, form: Form) -> bytes:
    from evdiag.cli.case_book import book

    with book() as opened:
        from evdiag.casebook.page import case_document
        from evdiag.casebook.reading import case_file

        shown = case_file(opened, number)
        trends = _over_time(opened, shown.case.vehicle, spoken)
    return _formed(case_document(shown, spoken, trends), spoken, form, shown.case.opened_ns)


def _over_time(opened: Book, car: VehicleCard, spoken: Words) -> Sequence[Section]:
    """Return what changed over the months; nothing where the car has no name."""
    from evdiag.casebook.histories import histories
    from evdiag.casebook.needed import need_workshop

    need_workshop("scipy", "statsmodels")
    from evdiag.recurrence.population import standing
    from evdiag.recurrence.trend import trend
    from evdiag.report.trend_section import trend_sections

    alike = [] if car.profile is None else histories(opened, profile=car.profile)
    others = [standing(other) for other in alike]
    own = histories(opened, vehicle=car.id)
    return [s for each in own for s in trend_sections(each, trend(each, others), spoken)]


def _page(report: Report, spoken: Words, form: Form) -> bytes:
    from evdiag.report.contents import document_of

    return _formed(document_of(report, spoken), spoken, form, report.facts.date_ns)


def _formed(document: Document, spoken: Words, form: Form, date_ns: int | None) -> bytes:
    if form == "pdf":
        from evdiag.report.pdf import pdf_page

        return pdf_page(document, spoken, date_ns)
    from evdiag.report.html import html_page

    return html_page(document, spoken).encode("utf-8", "backslashreplace")


def _write(output: str, page: bytes, force: bool) -> None:
    from evdiag.cli.output import written

    if output == _STDOUT:
        if sys.stdout is None:
            raise BadInputError("standard output is closed: name a file with --output")
        sys.stdout.buffer.write(page)
        return
    with written(Path(output), force, binary=True) as stream:
        stream.write(page)
