"""``evdiag attempts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evdiag.cli.analysis import Emit, analysis_command
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.cli.output import Record
    from evdiag.port.attempt import Attempt, Evidence
    from evdiag.wiring import Analysis

COLUMNS = (
    "recording", "opened_ns", "offset_s", "request", "outcome", "released_after_s",
    "pulled_after_s", "relocked_after_s", "evidence",
)  # fmt: skip


def record(analysis: Analysis, attempt: Attempt) -> Record:
    """Return one attempt in the stable form of the command contract."""
    return {
        "recording": analysis.capture.name,
        "opened_ns": attempt.opened_ns,
        "offset_s": (attempt.opened_ns - analysis.start_ns) / 1e9,
        "request": attempt.request,
        "outcome": attempt.outcome,
        "released_after_s": attempt.released_after_s,
        "pulled_after_s": attempt.pulled_after_s,
        "relocked_after_s": attempt.relocked_after_s,
        "evidence": evidence_records(attempt.evidence, analysis.start_ns),
        "requests": [
            {"time_ns": request.time_ns, "source": request.source} for request in attempt.requests
        ],
        "bounces": attempt.bounces,
        "relock_cause": attempt.relock_cause,
    }


def evidence_records(evidence: tuple[Evidence, ...], start_ns: int) -> list[Record]:
    """Return evidence as records."""
    return [
        {"time_ns": line.time_ns, "offset_s": (line.time_ns - start_ns) / 1e9, "text": line.text}
        for line in evidence
    ]


def table_row(entry: Record) -> str:
    """Return one attempt for people: a headline, then its evidence."""
    asked = "nobody asked" if entry["request"] is None else entry["request"].replace("_", " ")
    delays = [
        f"{words} {entry[key]:.3f} s"
        for key, words in (
            ("released_after_s", "opened after"),
            ("pulled_after_s", "pulled after"),
            ("relocked_after_s", "closed again after"),
        )
        if entry[key] is not None
    ]
    outcome = str(entry["outcome"]).replace("_", " ")
    head = "; ".join([f"{entry['offset_s']:10.3f} s  {outcome}: {asked}", *delays])
    lines = [f"{e['offset_s']:14.3f} s    {e['text']}" for e in entry["evidence"]]
    return "\n".join(plain_text(line) for line in (head, *lines))


def _why_none(lock_fitted: bool) -> str:
    if not lock_fitted:
        return "no attempt: this car's inlet has no lock, its lock bit is not judged"
    return "no attempt: nobody asked for the plug, or no plug was in"


@analysis_command("attempts", COLUMNS, table_row)
def command(analysis: Analysis, emit: Emit) -> int:
    """Print each attempt to get the plug out.

    An attempt opens with a request to unlock (or with an unlock that nobody asked for) and closes
    when the plug leaves, the lock closes again, or its time is over.
    """
    session, _ = analysis.run()
    for attempt in session.attempts:
        emit(record(analysis, attempt))
    if not session.attempts:
        name = plain_text(analysis.capture.name)
        click.echo(f"{name}: {_why_none(session.lock_fitted)}", err=True)
    return 0
