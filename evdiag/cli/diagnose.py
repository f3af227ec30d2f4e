"""``evdiag diagnose``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.cli.analysis import Emit, analysis_command
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.cli.output import Record
    from evdiag.diagnosis import Finding
    from evdiag.wiring import Analysis

COLUMNS = ("recording", "fault", "confidence", "summary", "evidence", "next", "missing")


def record(recording: str, finding: Finding) -> Record:
    """Return one finding in the stable form of the command contract."""
    return {
        "recording": recording,
        "fault": finding.fault,
        "confidence": finding.confidence,
        "summary": finding.summary,
        "evidence": [{"time_ns": line.time_ns, "text": line.text} for line in finding.evidence],
        "next": list(finding.next),
        "missing": list(finding.missing),
    }


def table_row(entry: Record) -> str:
    """Return one finding for people."""
    head = entry["summary"]
    if entry["fault"] is not None:
        head = f"{entry['confidence'].upper()}  {entry['fault']}: {head}"
    lines = [head, *(f"    next: {step}" for step in entry["next"])]
    if entry["missing"]:
        lines.append("    would tell more: " + ", ".join(entry["missing"]))
    return "\n".join(plain_text(line) for line in lines)


@analysis_command("diagnose", COLUMNS, table_row)
def command(analysis: Analysis, emit: Emit) -> int:
    """Say what is wrong, on what evidence, and what to do next.

    Exit code 1 means: a fault was found that is certain or likely.
    """
    session, _ = analysis.run()
    found = session.findings()
    for finding in found:
        emit(record(analysis.capture.name, finding))
    return 1 if any(finding.is_fault for finding in found) else 0
