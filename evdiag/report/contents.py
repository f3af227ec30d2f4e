"""A report put into words: a document of plain blocks. Pure but for the file of words.

The first page is what a breakdown service is read: car, verdict, how it stands, the timeline.
"""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.report.document import (
    Block,
    Document,
    Pairs,
    Paragraph,
    Picture,
    Section,
    Text,
)
from evdiag.report.judged import card_blocks, finding_blocks
from evdiag.report.model import Lane, Report, Timeline
from evdiag.report.raw import fact_blocks, sending_blocks
from evdiag.report.tried import attempt_blocks, guide_blocks
from evdiag.report.verdict import verdict_of
from evdiag.report.wording import NOTHING, day, evidence, minutes, value_text
from evdiag.report.words import Words

_LONG_S = 150.0
"""A timeline that is longer is also shown close up, around the attempt that matters."""

_AROUND_S = 8.0
_LISTENED_TO = 12


def document_of(report: Report, words: Words) -> Document:
    """Put a report into words."""
    sections = [
        _section(words("state"), _state_blocks(report, words)),
        _section(words("timeline"), _timeline_blocks(report, words)),
        _section(words("attempts"), attempt_blocks(report, words)),
        _section(words("steps"), guide_blocks(report, words)),
        _section(words("findings"), finding_blocks(report, words)),
        _section(words("card"), card_blocks(report, words)),
        _section(words("sent"), sending_blocks(report, words)),
        _section(words("facts"), fact_blocks(report, words)),
    ]
    return Document(
        language=words.language,
        kind=words("kind"),
        title=words("unknown_car") if report.car is None else report.car.name,
        about=tuple(_about(report, words)),
        verdict=verdict_of(report, words),
        sections=tuple(section for section in sections if section.blocks),
        closing=words("closing", version=report.facts.evdiag),
        page_of=words("page_of"),
    )


def _section(title: str, blocks: Iterator[Block]) -> Section:
    return Section(title, tuple(blocks))


def _about(report: Report, words: Words) -> Iterator[tuple[str, Text]]:
    car = report.car
    if car is not None:
        yield words("vin"), car.vin or words("vin_not_recorded")
        sure = words("by_hand") if car.confidence is None else f"{100 * car.confidence:.0f} %"
        yield words("recognised"), sure
    yield words("date"), day(report.facts.date_ns, words)
    yield words("recording"), report.facts.recording


def _state_blocks(report: Report, words: Words) -> Iterator[Block]:
    """Yield how the port stood at the end, and what is known of the car that the page relies on."""
    walk = report.walk
    rows: list[tuple[str, Text]] = [
        (words.of("signals", state.signal), value_text(state.signal, state.value, words))
        for state in report.state
    ]
    if walk is not None and walk.page.session:
        rows.append((words("session"), walk.page.session))
    if rows:
        yield Pairs(tuple(rows))
    for fact in () if report.car is None else report.car.facts:
        if fact.kind != "signals":
            number = fact.value.replace(".", words("decimal"))
            said = words(fact.kind, value=number, level=evidence(fact.evidence, words))
            yield Paragraph(said, quiet=True)


def _timeline_blocks(report: Report, words: Words) -> Iterator[Block]:
    timeline = report.timeline
    if timeline is None:
        if report.facts.frames and not report.clock_is_time:
            yield Paragraph(words("no_clock"))
        return
    if not (timeline.lanes or timeline.rulers):
        return
    if timeline.epochs > 1:
        numbers = {"number": str(timeline.epoch), "many": str(timeline.epochs)}
        yield Paragraph(words("epochs", **numbers), quiet=True)
    yield _picture(timeline, words("picture"), words)
    close = _close_up(report, timeline)
    if close is not None:
        about = words("close_up", number=str(report.card.attempt.number if report.card else 1))
        yield _picture(close, about, words)


def _close_up(report: Report, timeline: Timeline) -> Timeline | None:
    if report.card is None or timeline.to_s - timeline.from_s <= _LONG_S:
        return None
    number = report.card.attempt.number
    near = [moment for moment in timeline.attempts if moment.number == number]
    if not near or near[0].to_s - near[0].from_s > (timeline.to_s - timeline.from_s) / 3:
        return None
    return timeline.between(near[0].from_s - _AROUND_S, near[0].to_s + _AROUND_S)


def _picture(timeline: Timeline, title: str, words: Words) -> Picture:
    said = [
        f"{words.of('signals', lane.signal)}: {', '.join(_changes(lane, timeline, words))}"
        for lane in timeline.lanes
        if lane.segments
    ]
    return Picture(timeline, title, f"{words('timeline')}. {'. '.join(said) or NOTHING}")


def _changes(lane: Lane, timeline: Timeline, words: Words) -> Iterator[str]:
    """Yield in words what a lane draws; no more of it than can be listened to."""
    seen = [s for s in lane.segments if s.to_s >= timeline.from_s and s.from_s < timeline.to_s]
    for segment in seen[:_LISTENED_TO]:
        yield f"{minutes(segment.from_s, words)} {words.of('values', segment.word)}"
    if len(seen) > _LISTENED_TO:
        yield "…"
