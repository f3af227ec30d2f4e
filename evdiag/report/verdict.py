"""The verdict: one large plain sentence, and what must be said with it."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.diagnosis import Finding
from evdiag.guide.page import RECORD_MARKS
from evdiag.report.document import English, Text, Tone, Verdict
from evdiag.report.model import Report, Walk
from evdiag.report.wording import joined
from evdiag.report.words import Words

DANGER = "danger"

_ENDINGS: dict[str, tuple[Tone, str]] = {
    "solved": ("good", "✔"),
    "nobodys_fault": ("good", "○"),
    DANGER: ("fault", "✘"),
}
"""How an ending of the guide looks; one that hands over to others leaves a doubt."""


def verdict_of(report: Report, words: Words) -> Verdict:
    """Say what it comes to.

    A danger that the guide ended in comes before everything, then a fault that is certain or
    likely; then the ending that the guide came to; then what is only possible; and else that
    nothing was found, and what would have told more.
    """
    best, walk = report.best, report.walk
    ended = walk if walk is not None and walk.ending else None
    if ended is not None and ended.ending == DANGER:
        return _ending(ended, best, words)
    if best is not None and best.is_fault:
        return _fault(best, ended, words)
    if ended is not None:
        return _ending(ended, best, words)
    if best is not None and best.fault is not None:
        return _fault(best, None, words)
    if best is not None:
        return _nothing(best, walk, words)
    return Verdict("doubt", "?", words("no_bus"), "", tuple(_walk_line(walk, words)))


def fault_sentence(finding: Finding, words: Words) -> Text:
    """Return a finding's sentence, or where nobody translated it the name of its fault."""
    said = words.said(finding.summary)
    if isinstance(said, English) and finding.fault is not None:
        return words.of("faults", finding.fault)
    return said


def _ending(walk: Walk, best: Finding | None, words: Words) -> Verdict:
    tone, mark = _ENDINGS.get(walk.ending, ("doubt", "●"))
    lines: list[Text] = list(_helped(walk, words))
    if best is not None:
        lines += _besides(best, words)
    return Verdict(tone, mark, walk.page.title, walk.page.ending, tuple(lines))


def _helped(walk: Walk, words: Words) -> Iterator[Text]:
    worked = [step.line.text for step in walk.steps if step.line.mark == RECORD_MARKS["worked"]]
    if worked:
        yield words("helped", step=worked[-1])


def _fault(finding: Finding, walk: Walk | None, words: Words) -> Verdict:
    tone: Tone = "fault" if finding.is_fault else "doubt"
    entry = finding.entry
    number = "" if entry is None else entry.number
    sure = f"{words(str(finding.confidence))} · {number}"
    lines: list[Text] = []
    if finding.next and walk is None:
        step = words.guide.step(finding.next[0]).short
        lines.append(words("first_step", step=step))
    if walk is not None:
        lines.append(words("guide_ended", title=walk.page.title, ending=walk.page.ending))
        lines += _helped(walk, words)
    mark = "✘" if finding.is_fault else "?"
    return Verdict(tone, mark, fault_sentence(finding, words), sure, tuple(lines))


def _nothing(finding: Finding, walk: Walk | None, words: Words) -> Verdict:
    lines = [*_missing(finding, words), *_walk_line(walk, words)]
    if finding.next:
        step = words.guide.step(finding.next[0]).short
        lines.append(words("first_step", step=step))
    tone: Tone = "doubt" if finding.missing else "good"
    return Verdict(tone, "○", words.said(finding.summary), "", tuple(lines))


def _besides(finding: Finding, words: Words) -> Iterator[Text]:
    if finding.fault is None:
        yield words.said(finding.summary)
        yield from _missing(finding, words)
    else:
        sure = f"{words(str(finding.confidence))}: "
        yield joined((sure.strip(), fault_sentence(finding, words)))


def _missing(finding: Finding, words: Words) -> Iterator[Text]:
    if finding.missing:
        names = ", ".join(words.of("signals", name) for name in finding.missing)
        yield words("missing", names=names)


def _walk_line(walk: Walk | None, words: Words) -> Iterator[Text]:
    if walk is not None:
        yield words("guide_at", title=walk.page.title, notice=walk.page.notice)
