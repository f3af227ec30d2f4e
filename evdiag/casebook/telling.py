"""A case in plain sentences, for people: the same on the screen and for `evdiag cases show`. Pure.

What is foreign in it is not plain yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evdiag.casebook.values import CaseFile, SessionCard


def case_lines(shown: CaseFile) -> Iterator[str]:
    """Yield all of a case; what belongs to the line before it is indented."""
    case, car = shown.case, shown.case.vehicle
    yield f"case {case.number}, opened {day(case.opened_ns)}: {case.complaint or 'no complaint'}"
    known = (car.plate, car.vin, car.profile, car.inlet, car.customer)
    yield "car: " + ", ".join(text for text in known if text)
    yield from (f"note: {line}" for line in (case.note or "").splitlines())
    for session in shown.sessions:
        yield from _session_lines(session)
    for step in shown.steps:
        result = f": {step.result}" if step.result else ""
        yield f"tried {day(step.time_ns)}: {step.mark} {step.text}{result}"
    for code in shown.codes:
        said = code.sae or code.code or code.problem or "no trouble codes"
        unit = f"{code.unit}: " if code.unit else ""
        meaning = f"  {code.meaning}" if code.meaning else ""
        yield f"trouble codes {code.reading}: {unit}{said}{meaning}"
    for part in shown.parts:
        number = f" ({part.number})" if part.number else ""
        yield f"part {day(part.fitted_ns)}: {part.name}{number}"
    for photo in shown.photos:
        yield f"photo {photo.path}, sha256 {photo.sha256}"
    if case.closed_ns is not None:
        yield f"closed {day(case.closed_ns)}: {case.verdict or 'no verdict'}"


def day(time_ns: int) -> str:
    """Return the day of a time, UTC."""
    try:
        return datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        return "no date"


def _session_lines(session: SessionCard) -> Iterator[str]:
    yield f"recording {session.recording.path}"
    began = session.recording.first_ns if session.recording.dated else None
    when = "no date" if began is None else day(began)
    yield f"    {when}, {session.profile or 'unknown car'}, {session.recording.format}"
    yield f"    sha256 {session.recording.sha256}"
    if session.reason:
        yield f"    {session.reason}"
    for attempt in session.attempts:
        asked = attempt.request or "nobody asked"
        after = attempt.released_after_s
        delay = "" if after is None else f", opened after {after:.3f} s"
        yield f"    attempt {attempt.number}: {attempt.outcome or 'running'} ({asked}){delay}"
    for finding in session.findings:
        sure = f" ({finding.confidence})" if finding.confidence else ""
        yield f"    {finding.fault or 'nothing found'}{sure}: {finding.summary}"
