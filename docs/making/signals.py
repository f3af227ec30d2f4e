"""The vocabulary as a page."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.vocabulary import TERMS, Term
from making.markdown import code, table
from making.vehicles import shipped


def signals_page() -> Iterator[str]:
    """Write every signal of the vocabulary, its words or unit, and which cars offer it."""
    yield "# Signals\n"
    yield "The only names that evdiag uses for what a car says; each car's profile maps its own"
    yield "to them. What the words mean: [concepts](../concepts.md). Beside its words each"
    yield "signal can be"
    yield "`unknown` (never seen), `stale` (stopped coming) and `invalid` (the car says that it"
    yield "does not know).\n"
    rows = (
        (code(term.name), _values(term), term.vss and code(term.vss), _cars(term)) for term in TERMS
    )
    yield from table(("signal", "values", "in COVESA's VSS", "offered by"), rows)


def _values(term: Term) -> str:
    return ", ".join(map(code, term.words)) or f"a number, {term.unit}"


def _cars(term: Term) -> str:
    offering = [
        profile
        for profile in shipped()
        if any(entry.name == term.name for layout in profile.layouts for entry in layout.signals)
    ]
    return ", ".join(f"[{profile.id}](../vehicles/{profile.id}.md)" for profile in offering)
