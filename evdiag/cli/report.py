"""``evdiag report``: the hand-over, as one page of HTML or as a PDF."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import click

from evdiag.cli.analysis import captured_whole, say_car, shipped_or_named
from evdiag.cli.options import time_unit_option, vehicle_option
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.report.model import Report
    from evdiag.report.words import Words

Form: TypeAlias = Literal["html", "pdf"]

_STDOUT = "-"


@click.command("report")
@click.argument("recording", metavar="RECORDING")
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
    """
    form = _form(output)
    _refuse(output, recording, force)
    from evdiag.guide_files import spoken_language
    from evdiag.reporting import words

    spoken = words(spoken_language(language))
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


def _page(report: Report, spoken: Words, form: Form) -> bytes:
    from evdiag.report.contents import document_of

    document = document_of(report, spoken)
    if form == "pdf":
        from evdiag.report.pdf import pdf_page

        return pdf_page(document, spoken, report.facts.date_ns)
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
