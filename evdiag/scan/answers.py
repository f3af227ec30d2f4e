"""From one recording to its rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evdiag import __version__
from evdiag.diagnosis import Finding
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.port.attempt import Attempt, Evidence
from evdiag.recordings.stamps import is_date
from evdiag.scan.content import Content
from evdiag.scan.places import ReadAs
from evdiag.scan.rows import AttemptRow, FindingRow, Plain, RecordingRow
from evdiag.sifting import sift_capture
from evdiag.wiring import Analysis, Capture, analyse

if TYPE_CHECKING:
    from evdiag.session import Session

_SURE: Final = ("certain", "likely")


@dataclass(frozen=True)
class Answers:
    """All that is said of a recording, and what it was said from: None where the car is unknown."""

    recording: RecordingRow
    attempts: tuple[AttemptRow, ...]
    findings: tuple[FindingRow, ...]
    capture: Capture
    analysis: Analysis | None = None
    session: Session | None = None


def answers(path: Path, read_as: ReadAs, content: Content) -> Answers:
    """Read and decode a recording, and say all that is said of it; its car may stay unknown.

    Raises:
        BadInputError: it cannot be read.
    """
    capture = sift_capture(str(path), read_as.vehicle, read_as.time_unit)
    attempts: tuple[AttemptRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    analysis, session, reason = None, None, None
    try:
        analysis = analyse(capture, read_as.vehicle)
    except BadInputError as error:
        reason = str(error).removeprefix(f"{plain_text(str(path))}: ")
    else:
        session, _ = analysis.run()
        attempts, findings = _answers(analysis, session, content.sha256)
    recording = _recording(capture, content, analysis, reason, attempts, findings)
    return Answers(recording, attempts, findings, capture, analysis, session)


def _answers(
    analysis: Analysis, session: Session, recording: str
) -> tuple[tuple[AttemptRow, ...], tuple[FindingRow, ...]]:
    vehicle = analysis.profile.id
    start_ns = analysis.start_ns
    attempts = tuple(
        _attempt(attempt, recording, vehicle, start_ns) for attempt in session.attempts
    )
    return attempts, tuple(_finding(found, recording, vehicle) for found in session.findings())


def _recording(
    capture: Capture,
    content: Content,
    analysis: Analysis | None,
    reason: str | None,
    attempts: tuple[AttemptRow, ...],
    findings: tuple[FindingRow, ...],
) -> RecordingRow:
    report = capture.report
    duration_ns = report.duration_ns
    warnings = capture.warnings + (() if analysis is None else analysis.warnings)
    return RecordingRow(
        recording=content.sha256,
        bytes=content.bytes,
        format=report.format,
        frames=report.frames,
        duration_s=None if duration_ns is None else duration_ns / 1e9,
        channels=tuple(map(str, report.channels)),
        ids=len({key for _, key in report.ids}),
        error_frames=report.error_frames,
        remote_frames=report.remote_frames,
        lost_frames=report.lost_frames,
        time_anomalies=report.time_anomalies,
        skipped_lines=report.skipped_lines,
        first_ns=report.first_ns,
        last_ns=report.last_ns,
        dated=report.has_clock and is_date(report.first_ns),
        gaps=report.gaps,
        longest_gap_s=report.longest_gap_ns / 1e9 if report.gaps else None,
        anomalies=tuple(
            {
                "kind": found.kind.label,
                "count": found.count,
                "first": found.first,
                "message": found.message,
            }
            for found in report.anomalies
        ),
        vehicle=None if analysis is None else analysis.profile.id,
        confidence=None if analysis is None else analysis.identified.confidence,
        layout=None if analysis is None else analysis.identified.layout,
        attempts=len(attempts),
        faults=sum(row.fault is not None and row.confidence in _SURE for row in findings),
        warnings=warnings,
        reason=reason,
        evdiag=__version__,
    )


def _attempt(attempt: Attempt, recording: str, vehicle: str, start_ns: int) -> AttemptRow:
    return AttemptRow(
        recording=recording,
        vehicle=vehicle,
        number=attempt.number,
        opened_ns=attempt.opened_ns,
        offset_s=(attempt.opened_ns - start_ns) / 1e9,
        request=attempt.request,
        outcome=attempt.outcome,
        released_after_s=attempt.released_after_s,
        pulled_after_s=attempt.pulled_after_s,
        relocked_after_s=attempt.relocked_after_s,
        evidence=tuple(
            {**line, "offset_s": (line["time_ns"] - start_ns) / 1e9}
            for line in _lines(attempt.evidence)
        ),
        requests=tuple(
            {"time_ns": request.time_ns, "source": request.source} for request in attempt.requests
        ),
        bounces=attempt.bounces,
        relock_cause=attempt.relock_cause,
    )


def _finding(finding: Finding, recording: str, vehicle: str) -> FindingRow:
    entry = finding.entry
    return FindingRow(
        recording=recording,
        vehicle=vehicle,
        fault=finding.fault,
        confidence=finding.confidence,
        summary=finding.summary,
        evidence=_lines(finding.evidence),
        next=finding.next,
        missing=finding.missing,
        number=None if entry is None else entry.number,
        title=None if entry is None else entry.title,
        names=() if entry is None else tuple(name._asdict() for name in entry.names),
        against=_lines(finding.against),
        ending=finding.ending,
    )


def _lines(evidence: tuple[Evidence, ...]) -> tuple[Plain, ...]:
    return tuple({"time_ns": line.time_ns, "text": line.text} for line in evidence)
