"""The card of ``evdiag diagnose --card``: a release laid over a known-good one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evdiag.guide_files import step_phrase

if TYPE_CHECKING:
    from evdiag.cli.output import Record
    from evdiag.diagnosis import Card
    from evdiag.port.attempt import Evidence

_WIDTHS = (24, 25, 25)


def record(card: Card) -> Record:
    """Return a card in the stable form of docs/commands.md."""
    return {
        "attempt": card.attempt.number,
        "opened_ns": card.attempt.opened_ns,
        "request": card.attempt.request,
        "outcome": card.attempt.outcome,
        "basis": card.basis,
        "basis_words": card.basis_words,
        "rows": [row._asdict() for row in card.rows],
        "parts": [
            {
                "part": part.part,
                "verdict": part.verdict,
                "for": _lines(part.speaks_for),
                "against": _lines(part.speaks_against),
                "would_tell": list(part.would_tell),
                "step": part.step,
            }
            for part in card.parts
        ],
    }


def _lines(evidence: tuple[Evidence, ...]) -> list[Record]:
    return [{"time_ns": line.time_ns, "text": line.text} for line in evidence]


def lines(card: Record) -> Iterator[str]:
    """Yield a card's record as lines for people."""
    outcome = str(card["outcome"] or "running").replace("_", " ")
    yield f"Attempt {card['attempt']}: {outcome}"
    yield f"laid over {card['basis_words']}"
    yield _columns("", "this time", "when all is well", "")
    for row in card["rows"]:
        yield _columns(row["what"], row["this"], row["good"], row["words"])
    yield "which part the evidence speaks for, and against"
    for part in card["parts"]:
        yield _columns(part["part"], part["verdict"].replace("_", " ").upper(), "", "").rstrip()
        yield from (f"      for: {line['text']}" for line in part["for"])
        yield from (f"      against: {line['text']}" for line in part["against"])
        if part["step"] is not None:
            tells = [*part["would_tell"], step_phrase(part["step"])]
            yield f"      would tell: {'; or: '.join(tells)}"


def _columns(*cells: str) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False)]
    return "    " + " ".join([*padded, cells[-1]]).rstrip()
