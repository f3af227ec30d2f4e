"""The fault catalogue as a page."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.diagnosis import CATALOGUE
from evdiag.guide_files import step_phrase


def faults_page() -> Iterator[str]:
    """Write each fault: what it needs, what contradicts it, what comes next, its other names."""
    yield "# The faults\n"
    yield "Written from the fault catalogue by `docs/make_pages.py`. How sure a finding is: see"
    yield "[concepts](concepts.md); each wanted signal that was not seen, and anything that"
    yield "contradicts it, lowers that by a step."
    for fault in CATALOGUE.values():
        yield f"\n## {fault.number}: {fault.title} (`{fault.id}`)\n"
        if fault.needs:
            yield f"- Needs {_signals_named(fault.needs)}."
        if fault.wanted:
            yield f"- Wants {_signals_named(fault.wanted)}."
        yield f"- Against it: {fault.contradicted_by}."
        yield "- Next: " + "; ".join(step_phrase(step) for step in fault.next) + "."
        yield from (f"- Elsewhere: {name.name} ({name.source})." for name in fault.names)


def _signals_named(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
