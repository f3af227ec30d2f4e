"""What the case book keeps of a recording besides the rows of a scan."""

from __future__ import annotations

import math
from collections.abc import Iterator

from evdiag.errors import BadInputError
from evdiag.inputs import Answer
from evdiag.port.locking import lockings
from evdiag.scan.answers import Answers
from evdiag.scan.rows import Circumstances, ForBook, LockingRow, StepRow
from evdiag.signals.sequence import events_of
from evdiag.wiring import Analysis, Capture


def for_book(said: Answers) -> ForBook:
    """Return it; of a recording whose car is unknown it is little."""
    journal, analysis = said.capture.journal, said.analysis
    vin = None if journal is None else journal.vin
    steps = tuple(_steps(said.capture, analysis))
    if analysis is None or said.session is None:
        return ForBook(vin, steps=steps)
    return ForBook(
        vin,
        analysis.profile.file_sha256,
        tuple(
            Circumstances(
                _finite(attempt.lowest_supply),
                _finite(attempt.ambient_temperature),
                attempt.charger,
            )
            for attempt in said.session.attempts
        ),
        tuple(_lockings(analysis)),
        steps,
    )


def _lockings(analysis: Analysis) -> Iterator[LockingRow]:
    found = lockings(
        (event for step in analysis.events for event in events_of(step)),
        analysis.watch,
        analysis.profile.lock,
        analysis.end_ns,
        clock_is_time=analysis.capture.clock_is_time,
    )
    for each in found:
        yield LockingRow(
            each.time_ns,
            each.locked_after_s,
            _finite(each.lowest_supply),
            _finite(each.ambient_temperature),
            each.charger,
        )


def _steps(capture: Capture, analysis: Analysis | None) -> Iterator[StepRow]:
    """Yield the steps of the guide, in English as all that the diagnosis says."""
    journal = capture.journal
    if journal is None or not any(isinstance(each.item, Answer) for each in journal.inputs):
        return
    from evdiag.guide_files import book, texts
    from evdiag.reporting import report_of_answers, walk_of

    spoken = texts("en")
    if analysis is None:
        try:
            walk = report_of_answers(capture, None, spoken).walk
        except BadInputError:
            return
    else:
        session, _ = analysis.run(book())
        walk = walk_of(session.guide(), session, spoken, session.stream_ns or analysis.start_ns)
    for step in () if walk is None else walk.steps:
        line = step.line
        yield StepRow(step.began_ns, line.mark, line.text, line.result)


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
