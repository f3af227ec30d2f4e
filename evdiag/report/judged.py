"""What the evidence says: findings, and the card that says which part, which end."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.diagnosis import Card, Finding, PartVerdict
from evdiag.port.attempt import Evidence
from evdiag.report.document import Block, Entry, Paragraph, Points, Table, Text
from evdiag.report.model import Report
from evdiag.report.verdict import fault_sentence
from evdiag.report.wording import joined, place
from evdiag.report.words import Words

_ROW_MARKS = {"alike": "✔", "different": "✘", "cannot_tell": "?"}
_PART_MARKS = {"suspected": "✘", "cleared": "✔", "cannot_tell": "?"}


def finding_blocks(report: Report, words: Words) -> Iterator[Block]:
    """Yield each finding with all that speaks for and against it."""
    for finding in report.findings:
        yield _finding(report, finding, words)


def _finding(report: Report, finding: Finding, words: Words) -> Entry:
    entry = finding.entry
    lists = [
        Points(words("evidence"), tuple(_lines(report, finding.evidence, words))),
        Points(words("against"), tuple(_lines(report, finding.against, words))),
        Points(words("next"), tuple(words.guide.step(step).short for step in finding.next)),
        Points(words("missing_signals"), tuple(words.of("signals", n) for n in finding.missing)),
    ]
    if entry is not None:
        others = (f"{name.name} ({name.source})" for name in entry.names)
        lists.append(Points(words("elsewhere"), tuple(others)))
    filled = tuple(points for points in lists if points.items)
    if entry is None or finding.fault is None:
        return Entry("○", words.said(finding.summary), "", filled)
    mark = "✘" if finding.is_fault else "?"
    aside = f"{entry.number} · {words(str(finding.confidence))}"
    sentence = (Points(words("says"), (words.said(finding.summary),)),)
    title = fault_sentence(finding, words)
    own = words.of("faults", finding.fault)
    return Entry(mark, own, aside, (sentence if title != own else ()) + filled)


def _lines(report: Report, evidence: tuple[Evidence, ...], words: Words) -> Iterator[Text]:
    for line in evidence:
        yield joined((place(report, line.time_ns, words), words.said(line.text)))


def card_blocks(report: Report, words: Words) -> Iterator[Block]:
    """Yield the release laid over a good one, and each part between fob and charge point."""
    card = report.card
    if card is None:
        return
    outcome = words("running")
    if card.attempt.outcome is not None:
        outcome = words.guide.say("outcomes", card.attempt.outcome)
    number = str(card.attempt.number)
    yield Paragraph(words("card_about", number=number, outcome=outcome), quiet=True)
    yield _parts(card, words)
    yield _rows(card, words)


def _rows(card: Card, words: Words) -> Table:
    heads = ("", words("this_time"), words("when_well"), "")
    return Table(
        heads,
        tuple(
            (
                words.said(row.what),
                words.said(row.this),
                words.said(row.good),
                joined((_ROW_MARKS[row.verdict], words.said(row.words))),
            )
            for row in card.rows
        ),
        (22, 24, 22, 32),
        _basis(card, words),
    )


def _basis(card: Card, words: Words) -> str:
    if words.language == "en":
        return words("laid_over", basis=card.basis_words)
    return words("laid_over", basis=words(f"basis_{card.basis}"))


def _parts(card: Card, words: Words) -> Table:
    return Table(
        (words("part"), words("part_verdict"), words("speaks_for"), words("speaks_against")),
        tuple(_part(part, words) for part in card.parts),
        (22, 16, 26, 36),
    )


def _part(part: PartVerdict, words: Words) -> tuple[Text, ...]:
    speaks_for = [words.said(line.text) for line in part.speaks_for]
    against = [words.said(line.text) for line in part.speaks_against]
    if part.step is not None:
        tells = [words.of("signals", name) for name in part.would_tell]
        tells.append(words.guide.step(part.step).short)
        against.append(words("would_tell", what="; ".join(tells)))
    return (
        words.of("parts", part.part),
        f"{_PART_MARKS[part.verdict]} {words(part.verdict)}",
        joined(tuple(speaks_for), "; "),
        joined(tuple(against), "; "),
    )
