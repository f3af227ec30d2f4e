"""A case put into words: the same plain document as the report of a recording, of all of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Final, TypeVar

from evdiag import __version__
from evdiag.casebook.telling import day
from evdiag.casebook.values import CaseFile, CodeCard, SessionCard
from evdiag.report.document import (
    Block,
    Document,
    Entry,
    Pairs,
    Paragraph,
    Points,
    Section,
    Table,
    Text,
    Verdict,
)
from evdiag.report.wording import NOTHING, joined, seconds
from evdiag.report.words import Words
from evdiag.scan.rows import AttemptRow, Circumstances, FindingRow

_Row = TypeVar("_Row")

_SURE: Final = ("certain", "likely")


def case_document(shown: CaseFile, words: Words, trends: Sequence[Section] = ()) -> Document:
    """Put a case into words; `trends` are sections on the car's history, made by others."""
    case, car = shown.case, shown.case.vehicle
    sections = [
        *(_session(number, each, words) for number, each in enumerate(shown.sessions, start=1)),
        *trends,
        Section(words.of("case", "codes_before"), tuple(_codes(shown, "before", words))),
        Section(words.of("case", "codes_after"), tuple(_codes(shown, "after", words))),
        Section(words.of("case", "steps"), tuple(_steps(shown, words))),
        Section(words.of("case", "parts"), tuple(_parts(shown, words))),
        Section(words.of("case", "recordings"), tuple(_recordings(shown, words))),
        Section(words.of("case", "photos"), tuple(_photos(shown, words))),
    ]
    return Document(
        language=words.language,
        kind=words.of("case", "kind"),
        title=words.of("case", "title", number=str(case.number), car=car.name),
        about=tuple(_about(shown, words)),
        verdict=_verdict(shown, words),
        sections=tuple(section for section in sections if section.blocks),
        closing=words.of("case", "closing", version=__version__),
        page_of=words("page_of"),
    )


def _about(shown: CaseFile, words: Words) -> Iterator[tuple[str, Text]]:
    case, car = shown.case, shown.case.vehicle
    said = {
        "vin": car.vin or words.of("case", "not_known"),
        "plate": car.plate,
        "profile": car.profile,
        "inlet": car.inlet,
        "customer": car.customer,
        "opened": _moment(case.opened_ns),
        "closed": None if case.closed_ns is None else _moment(case.closed_ns),
        "complaint": case.complaint,
        "note": "; ".join((case.note or "").splitlines()),
    }
    for name, text in said.items():
        if text:
            yield words.of("case", name), text


def _verdict(shown: CaseFile, words: Words) -> Verdict:
    """Say what it came to; of a case that is open, what is best supported of what was found."""
    case = shown.case
    if case.closed_ns is not None:
        sure = f"{words.of('case', 'closed')}: {_moment(case.closed_ns)}"
        if case.verdict:
            return Verdict("good", "●", case.verdict, sure, ())
        return Verdict("doubt", "○", words.of("case", "no_verdict"), sure, ())
    still_open = words.of("case", "open")
    found = [
        (session, finding)
        for session in reversed(shown.sessions)
        for finding in session.findings
        if finding.fault is not None and finding.confidence in _SURE
    ]
    if not found:
        return Verdict("doubt", "?", still_open, "", ())
    session, finding = min(found, key=lambda each: _SURE.index(each[1].confidence or ""))
    seen = words.of("case", "seen_in", recording=_name(session), when=_when(session, words))
    sure = words(str(finding.confidence))
    return Verdict("fault", "✘", words.said(finding.summary), sure, (seen, still_open))


def _session(number: int, session: SessionCard, words: Words) -> Section:
    title = words.of("case", "session", number=str(number), name=_name(session))
    return Section(title, tuple(_session_blocks(session, words)))


def _session_blocks(session: SessionCard, words: Words) -> Iterator[Block]:
    yield Pairs(((words.of("case", "when"), _when(session, words)),))
    if session.profile is None:
        yield Paragraph(words.of("case", "car_unknown", reason=session.reason or ""))
        return
    if session.attempts:
        yield _attempts(session, words)
    else:
        yield Paragraph(words.of("case", "nothing_asked"))
    for finding in session.findings:
        yield _finding(finding, words)


def _attempts(session: SessionCard, words: Words) -> Table:
    heads = ["number", "at", "request", "opened", "relocked", "pulled", "outcome"]
    around = ["attempt_charger", "attempt_supply", "attempt_ambient"]
    rows = zip(session.attempts, session.circumstances, strict=True)
    return Table(
        (
            *(words(f"attempt_{head}") for head in heads),
            *(words.of("case", head) for head in around),
        ),
        tuple(_attempt(attempt, circumstances, words) for attempt, circumstances in rows),
        (4, 8, 12, 9, 10, 9, 20, 10, 8, 10),
        words("attempts_caption"),
    )


def _attempt(attempt: AttemptRow, around: Circumstances, words: Words) -> tuple[Text, ...]:
    asked = attempt.request
    outcome = attempt.outcome
    return (
        str(attempt.number),
        seconds(attempt.offset_s, words),
        words("nobody") if asked is None else words.guide.say("sources", asked),
        seconds(attempt.released_after_s, words),
        seconds(attempt.relocked_after_s, words),
        seconds(attempt.pulled_after_s, words),
        words("running") if outcome is None else words.guide.say("outcomes", outcome),
        NOTHING if around.charger is None else around.charger.upper(),
        _number(around.lowest_supply, "V", words),
        _number(around.ambient_temperature, "°C", words),
    )


def _finding(finding: FindingRow, words: Words) -> Entry:
    lists = (
        Points(words("evidence"), tuple(_lines(finding.evidence, words))),
        Points(words("against"), tuple(_lines(finding.against, words))),
        Points(words("next"), tuple(words.guide.step(step).short for step in finding.next)),
        Points(words("missing_signals"), tuple(words.of("signals", n) for n in finding.missing)),
    )
    filled = tuple(points for points in lists if points.items)
    if finding.fault is None:
        return Entry("○", words.said(finding.summary), "", filled)
    confidence = str(finding.confidence)
    aside = f"{finding.number or ''} · {_word(words, confidence)}".strip(" ·")
    said = Points(words("says"), (words.said(finding.summary),))
    mark = "✘" if confidence in _SURE else "?"
    return Entry(mark, words.of("faults", finding.fault), aside, (said, *filled))


def _lines(evidence: Iterable[dict[str, object]], words: Words) -> Iterator[Text]:
    for line in evidence:
        yield words.said(str(line.get("text", "")))


def _codes(shown: CaseFile, reading: str, words: Words) -> Iterator[Block]:
    codes = [code for code in shown.codes if code.reading == reading]
    heads = ("code_unit", "code_code", "code_meaning", "code_status")
    yield from _table(heads, (18, 18, 42, 22), codes, lambda code: _code(code, words), words)


def _code(code: CodeCard, words: Words) -> tuple[Text, ...]:
    name = code.sae or code.code
    said = code.meaning or (code.problem if name is None else None)
    status = ", ".join((code.status or "", *code.says)).strip(", ")
    return (code.unit or NOTHING, name or words.of("case", "no_codes"), said or NOTHING, status)


def _steps(shown: CaseFile, words: Words) -> Iterator[Block]:
    heads = ("step_when", "step_what", "step_result")
    yield from _table(
        heads,
        (16, 44, 40),
        shown.steps,
        lambda step: (
            _moment(step.time_ns),
            joined((step.mark, words.said(step.text))) if step.source == "guide" else step.text,
            words.said(step.result or NOTHING),
        ),
        words,
    )


def _parts(shown: CaseFile, words: Words) -> Iterator[Block]:
    heads = ("part_when", "part_name", "part_number")
    yield from _table(
        heads,
        (20, 50, 30),
        shown.parts,
        lambda part: (day(part.fitted_ns), part.name, part.number or NOTHING),
        words,
    )


def _recordings(shown: CaseFile, words: Words) -> Iterator[Block]:
    heads = ("recording_file", "recording_hash")
    yield from _table(
        heads,
        (40, 60),
        shown.sessions,
        lambda session: (_name(session), session.recording.sha256),
        words,
    )


def _photos(shown: CaseFile, words: Words) -> Iterator[Block]:
    heads = ("recording_file", "photo_hash")
    yield from _table(
        heads,
        (40, 60),
        shown.photos,
        lambda photo: (PurePath(photo.path).name, photo.sha256),
        words,
    )


def _table(
    heads: tuple[str, ...],
    widths: tuple[int, ...],
    rows: Sequence[_Row],
    cells: Callable[[_Row], tuple[Text, ...]],
    words: Words,
) -> Iterator[Table]:
    if rows:
        named = tuple(words.of("case", head) for head in heads)
        yield Table(named, tuple(cells(row) for row in rows), widths)


def _word(words: Words, word: str) -> str:
    # A book may have been written by another evdiag, with words that this one does not have.
    return words(word) if word in words.groups["words"] else word


def _name(session: SessionCard) -> str:
    return PurePath(session.recording.path).name


def _when(session: SessionCard, words: Words) -> str:
    began_ns = session.recording.first_ns
    return (
        words("no_date") if not session.recording.dated or began_ns is None else _moment(began_ns)
    )


def _moment(time_ns: int) -> str:
    try:
        return f"{datetime.fromtimestamp(time_ns // 10**9, UTC):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):
        return NOTHING


def _number(value: float | None, unit: str, words: Words) -> str:
    if value is None:
        return NOTHING
    return f"{value:.1f} {unit}".replace(".", words("decimal")).replace("-", "−")
