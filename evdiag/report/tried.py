"""What was tried: the attempts that the bus showed, and the steps of the guide."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.port.attempt import Attempt
from evdiag.report.document import Block, Paragraph, Points, Table, Text
from evdiag.report.document import Entry as Item
from evdiag.report.model import GuideStep, Report
from evdiag.report.wording import NOTHING, place, seconds
from evdiag.report.words import Words

_MARKS = {
    "released": "✔",
    "already_open": "·",
    "cancelled": "·",
    "left_open": "·",
    "inconclusive": "?",
}
"""How an attempt ended, in one sign; every other end is not what anybody wanted."""


def attempt_blocks(report: Report, words: Words) -> Iterator[Block]:
    """Yield the table of attempts."""
    if not report.attempts:
        if report.car is not None and report.facts.frames:
            yield Paragraph(words("no_attempt"))
        return
    heads = ("number", "at", "request", "opened", "relocked", "pulled", "outcome")
    yield Table(
        tuple(words(f"attempt_{head}") for head in heads),
        tuple(_attempt(report, attempt, words) for attempt in report.attempts),
        (4, 9, 19, 12, 13, 12, 31),
        words("attempts_caption"),
    )


def _attempt(report: Report, attempt: Attempt, words: Words) -> tuple[Text, ...]:
    asked = attempt.request
    who = words("nobody") if asked is None else words.guide.say("sources", asked)
    outcome = words("running")
    if attempt.outcome is not None:
        said = words.guide.say("outcomes", attempt.outcome)
        outcome = f"{_MARKS.get(attempt.outcome, '✘')} {said}"
    if attempt.reason:
        outcome = f"{outcome} ({attempt.reason})"
    return (
        str(attempt.number),
        place(report, attempt.opened_ns, words),
        who,
        _delay(attempt.released_after_s, attempt.released_ns, words),
        _delay(attempt.relocked_after_s, attempt.relocked_ns, words),
        _delay(attempt.pulled_after_s, attempt.pulled_ns, words),
        outcome,
    )


def _delay(delay_s: float | None, happened_ns: int | None, words: Words) -> str:
    if delay_s is not None:
        return seconds(delay_s, words)
    return NOTHING if happened_ns is None else words("seen_no_time")


def guide_blocks(report: Report, words: Words) -> Iterator[Block]:
    """Yield the steps of the guide: done and passed over, with what the bus showed in each."""
    walk = report.walk
    if walk is None:
        return
    title = f"{walk.page.procedure}. {walk.page.notice}".strip()
    yield Paragraph(title, quiet=True)
    if not walk.steps:
        yield Paragraph(words("no_step"))
    for number, step in enumerate(walk.steps, start=1):
        yield _step(report, number, step, words)
    if walk.ending:
        yield Item("●", walk.page.title, walk.page.ending, _said(walk.page.do, words))


def _step(report: Report, number: int, step: GuideStep, words: Words) -> Item:
    line = step.line
    lists = []
    if line.result:
        lists.append(Points(words("result"), (line.result,)))
    if line.tries:
        lists.append(Points(words("tries"), line.tries))
    title = f"{number}. {line.text}"
    return Item(line.mark, title, place(report, step.began_ns, words), tuple(lists))


def _said(text: str, words: Words) -> tuple[Points, ...]:
    return (Points(words("advice"), tuple(text.splitlines())),) if text else ()
