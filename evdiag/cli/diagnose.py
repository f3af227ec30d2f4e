"""``evdiag diagnose``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli import card as cards
from evdiag.cli.analysis import Emit, analysis_command, captured
from evdiag.errors import BadInputError
from evdiag.guide_files import step_phrase
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.cli.output import Record
    from evdiag.diagnosis import Card, Finding, KnownGood
    from evdiag.port.attempt import Evidence
    from evdiag.wiring import Analysis

COLUMNS = (
    "recording", "fault", "confidence", "summary", "evidence", "next", "missing", "number",
    "title", "names", "against", "ending", "card",
)  # fmt: skip


def record(recording: str, finding: Finding) -> Record:
    """Return one finding in the stable form of the command contract."""
    entry = finding.entry
    return {
        "recording": recording,
        "fault": finding.fault,
        "confidence": finding.confidence,
        "summary": finding.summary,
        "evidence": _lines(finding.evidence),
        "next": list(finding.next),
        "missing": list(finding.missing),
        "number": None if entry is None else entry.number,
        "title": None if entry is None else entry.title,
        "names": [] if entry is None else [name._asdict() for name in entry.names],
        "against": _lines(finding.against),
        "ending": finding.ending,
    }


def card_record(recording: str, card: Card) -> Record:
    """Return the line that carries a card; it is no finding."""
    return {"recording": recording, "card": cards.record(card)}


def _lines(evidence: tuple[Evidence, ...]) -> list[Record]:
    return [{"time_ns": line.time_ns, "text": line.text} for line in evidence]


def table_row(entry: Record) -> str:
    """Return one finding, or a card, for people."""
    if "card" in entry:
        return "\n".join(plain_text(line) for line in cards.lines(entry["card"]))
    head = entry["summary"]
    if entry["fault"] is not None:
        sure = f"{entry['confidence'].upper()}  {entry['fault']} ({entry['number']})"
        head = f"{sure}: {head}"
    lines = [head]
    lines += [f"    against it: {line['text']}" for line in entry["against"]]
    lines += [f"    next: {step_phrase(step)}" for step in entry["next"]]
    if entry["names"]:
        lines.append("    elsewhere: " + "; ".join(name["name"] for name in entry["names"]))
    if entry["missing"]:
        lines.append("    would tell more: " + ", ".join(entry["missing"]))
    return "\n".join(plain_text(line) for line in lines)


@analysis_command(
    "diagnose",
    COLUMNS,
    table_row,
    click.option(
        "--card",
        is_flag=True,
        help="Lay the release over a good one: which part does the evidence speak for?",
    ),
    click.option(
        "--against",
        metavar="GOOD",
        help="A recording of the same car in which the plug came out; gives the card, too.",
    ),
)
def command(analysis: Analysis, emit: Emit, card: bool, against: str | None) -> int:
    """Say what is wrong, on what evidence, and what to do next.

    Exit code 1 means: a fault was found that is certain or likely.
    """
    good = None if against is None else _known_good(against, analysis)
    session, _ = analysis.run()
    found = session.findings()
    for finding in found:
        emit(record(analysis.capture.name, finding))
    if card or good is not None:
        laid = session.card(good=good)
        if laid is None:
            name = plain_text(analysis.capture.name)
            click.echo(f"{name}: no card: it holds no attempt to get the plug out", err=True)
        else:
            emit(card_record(analysis.capture.name, laid))
    return 1 if any(finding.is_fault for finding in found) else 0


def _known_good(name: str, analysis: Analysis) -> KnownGood:
    """Find the release that went well in another recording of the same car.

    Raises:
        BadInputError: it is of another car, or nothing went well in it.
    """
    from evdiag.diagnosis import KnownGood, known_good
    from evdiag.wiring import analyse

    shown = plain_text(name)
    other = analyse(captured(name, None))
    if other.profile.id != analysis.profile.id:
        raise BadInputError(
            f"{shown} is of another car ({other.profile.name}) than "
            f"{plain_text(analysis.capture.name)} ({analysis.profile.name}): name one of the same"
        )
    release = known_good(other.run()[0].case)
    if release is None:
        raise BadInputError(
            f"{shown}: in no attempt the plug was asked for and came out; name a recording in "
            "which it did"
        )
    return KnownGood(release, plain_text(Path(name).name))
