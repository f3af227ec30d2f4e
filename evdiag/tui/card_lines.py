"""The card in lines: a release laid over a known-good one, and which part it speaks for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evdiag.guide_files import step_phrase
from evdiag.plain import plain_text
from evdiag.tui.lines import Line, Piece, cut, fit, wrap

if TYPE_CHECKING:
    from evdiag.diagnosis import Card
    from evdiag.diagnosis.card_rows import Row, Verdict
    from evdiag.diagnosis.parts import PartVerdict, PartWord
    from evdiag.port.attempt import Evidence

_WHAT = 24
_ROW_TONES: dict[Verdict, str] = {"different": "bad", "alike": "free"}
_PART_TONES: dict[PartWord, str] = {"suspected": "bad", "cleared": "free", "cannot_tell": "odd"}


def card_lines(card: Card, width: int) -> Iterator[Line]:
    """Yield the card: what was measured beside what is normal, then part by part."""
    outcome = str(card.attempt.outcome or "running").replace("_", " ")
    yield [("Which part, which end", "title")]
    yield from _rows(f"Attempt {card.attempt.number}: {outcome}", width, "strong")
    yield from _rows(f"laid over {card.basis_words}", width, "quiet")
    yield _columns("", "this time", "when all is well", width, "quiet")
    for row in card.rows:
        yield from _row(row, width)
    yield []
    for part in card.parts:
        yield from _part(part, width)


def _row(row: Row, width: int) -> Iterator[Line]:
    yield _columns(row.what, row.this, row.good, width, _ROW_TONES.get(row.verdict, ""))
    if row.words and row.verdict != "alike":
        yield from _rows(f"    {row.words}", width, "quiet", hanging=4)


def _columns(what: str, this: str, good: str, width: int, tone: str) -> Line:
    half = max(12, (width - _WHAT - 3) // 2)
    pieces: list[Piece] = [
        (f"  {fit(plain_text(what), _WHAT)}", ""),
        (f"{fit(plain_text(this), half)} ", tone),
        (plain_text(good), "quiet"),
    ]
    return cut(pieces, width)


def _part(part: PartVerdict, width: int) -> Iterator[Line]:
    verdict = part.verdict.replace("_", " ").upper()
    yield [(f"  {fit(part.part, _WHAT)}", ""), (verdict, _PART_TONES[part.verdict])]
    yield from _evidence("for", part.speaks_for, width)
    yield from _evidence("against", part.speaks_against, width)
    if part.step is not None:
        tells = "; or: ".join([*part.would_tell, step_phrase(part.step)])
        yield from _rows(f"    would tell: {tells}", width, "quiet", hanging=6)


def _evidence(label: str, evidence: tuple[Evidence, ...], width: int) -> Iterator[Line]:
    for line in evidence:
        yield from _rows(f"    {label}: {line.text}", width, "", hanging=6)


def _rows(text: str, width: int, tone: str, *, hanging: int = 2) -> Iterator[Line]:
    yield from ([(row, tone)] for row in wrap(plain_text(text), width, hanging))
