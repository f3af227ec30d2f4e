"""Proves that procedures can be walked: every step is reached, every path ends, every word exists.

Pure; needs no car. What it finds is a list of sentences, each naming procedure and step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, cast

from evdiag.diagnosis.catalogue import CATALOGUE
from evdiag.guide.conditions import Answered, Condition, Found, Met, Missed
from evdiag.guide.procedure import Book, Procedure, Step
from evdiag.guide.texts import Texts
from evdiag.guide.walk import COMMAND_NOT_AT_HAND, DANGER_QUESTION, DANGER_STEP, DONE
from evdiag.guide.wording import PLACES
from evdiag.vocabulary import COMMANDS


def check(book: Book, texts: Sequence[Texts] = ()) -> list[str]:
    """Return everything that is wrong, in the order of the book; empty where nothing is."""
    found = [*_ids(book), *_ways(book)]
    if not found:
        # Paths can be followed only where every way leads somewhere.
        found += [*_unreached(book), *_endless(book)]
    for procedure in book.procedures:
        for step in procedure.steps:
            found += (f"{procedure.id}, step {step.id}: {what}" for what in _step(book, step))
    found += (what for language in texts for what in _unsaid(book, language))
    return found


def longest_s(book: Book, procedure: Procedure) -> float:
    """Return how long the longest way straight through a procedure takes, in seconds.

    A step counts as long as a person is expected to take, or as it waits where that is longer.
    """
    longest: dict[str, float] = {}
    for step in reversed(procedure.steps):
        ahead = [
            longest.get(other, 0.0) for other in step.leads_to() if book.is_forward(step.id, other)
        ]
        longest[step.id] = _takes_s(step) + max(ahead, default=0.0)
    return longest[procedure.start]


def worst_s(procedure: Procedure) -> float:
    """Return an upper bound in seconds: every step as often as it may be entered."""
    return sum(_takes_s(step) * step.visits for step in procedure.steps)


def _takes_s(step: Step) -> float:
    return max(step.takes_s, step.limit_s or 0.0)


def _ids(book: Book) -> Iterator[str]:
    seen: set[str] = set()
    for procedure in book.procedures:
        for step in procedure.steps:
            if step.id in seen:
                yield f"{procedure.id}: there are two steps called {step.id!r}"
            seen.add(step.id)
    if DANGER_STEP not in book:
        yield f"there is no step {DANGER_STEP!r}: a danger must lead somewhere from any step"
    if DANGER_QUESTION not in book:
        yield f"there is no step {DANGER_QUESTION!r}: nobody could say that a danger is over"


def _ways(book: Book) -> Iterator[str]:
    for procedure in book.procedures:
        if procedure.refuge not in book:
            yield f"{procedure.id}: its refuge {procedure.refuge!r} is no step"
        elif book.step(procedure.refuge).needs:
            yield f"{procedure.id}: its refuge {procedure.refuge!r} must be safe without conditions"
        for step in procedure.steps:
            for other in step.leads_to():
                if other not in book:
                    yield f"{procedure.id}, step {step.id}: leads to {other!r}, which is no step"
            is_last = step is procedure.steps[-1]
            if is_last and not step.skip_to and step.kind != "end":
                yield f"{procedure.id}, step {step.id}: where does it lead when it is passed over?"


def _unreached(book: Book) -> Iterator[str]:
    first = {procedure.start for procedure in book.procedures}
    reached = set(first) | {DANGER_STEP} | {procedure.refuge for procedure in book.procedures}
    waiting = list(reached)
    while waiting:
        step = book.step(waiting.pop())
        ways = set(step.leads_to())
        if step.kind != "end":
            ways.add(book.home(step.id).after(step))
        waiting += ways - reached
        reached |= ways
    for procedure in book.procedures:
        for step in procedure.steps:
            if step.id not in reached:
                yield f"{procedure.id}, step {step.id}: no way leads to it"


def _endless(book: Book) -> Iterator[str]:
    """Every step has a way forward that nothing can close; so every walk comes to an end.

    Ways back are gone at most as often as the step there may be entered.
    """
    for procedure in book.procedures:
        for step in procedure.steps:
            where = f"{procedure.id}, step {step.id}"
            if step.kind == "end":
                if step.branches or step.needs or step.skips:
                    yield f"{where}: an ending leads nowhere and is never passed over"
                continue
            last = step.branches[-1]
            if last.when is not None or not book.is_forward(step.id, last.go):
                yield f"{where}: its last way must lead forward, without a condition"
            if not book.is_forward(step.id, procedure.after(step)):
                yield f"{where}: passed over, it must lead forward"


def _step(book: Book, step: Step) -> Iterator[str]:
    expectations = [expectation.id for expectation in step.expects]
    answers = {choice.id for choice in step.answers}
    if len(set(expectations)) < len(expectations):
        yield "two of its expectations have one name"
    for place, expectation in enumerate(step.expects):
        if expectation.after is not None and expectation.after not in expectations[:place]:
            yield f"expectation {expectation.id!r} counts from {expectation.after!r}, not before it"
    if step.kind == "wait" and step.limit_s is None:
        yield "it waits for the bus without a limit"
    if step.kind in ("do", "ask", "wait", "command") and not answers:
        yield "a person cannot answer it: without a bus it never ends"
    if step.force and not any(need.what == "made_dead" for need in step.needs):
        yield "it uses force and does not need the cable made dead"
    if step.kind == "command" and step.command not in COMMANDS:
        yield f"there is no command {step.command!r}"
    for condition in _conditions(step):
        match condition:
            case Met(name) | Missed(name) if name not in expectations:
                yield f"it has no expectation {name!r}"
            case Answered(None, wanted) if not set(wanted) <= answers | {DONE}:
                yield f"none of its answers is {sorted(set(wanted) - answers)}"
            case Answered(str(other), wanted) if other not in book or not (
                set(wanted) <= {choice.id for choice in book.step(other).answers}
            ):
                yield f"step {other!r} has no answer {', '.join(wanted)}"
            case Found(faults) if not set(faults) <= set(CATALOGUE):
                yield f"the catalogue has no fault {sorted(set(faults) - set(CATALOGUE))}"


def _conditions(step: Step) -> Iterator[Condition]:
    """Yield every condition of a step, and every one inside it."""
    asked: list[Condition | None] = [
        *(branch.when for branch in step.branches),
        *(skip.when for skip in step.skips),
        *(expectation.of for expectation in step.expects),
        *(choice.claims for choice in step.answers),
        *(warning.when for warning in step.warnings),
    ]
    for condition in asked:
        if condition is not None:
            yield from _inside(condition)


def _inside(condition: Condition) -> Iterator[Condition]:
    yield condition
    for field in fields(cast("Any", condition)):
        value = getattr(condition, field.name)
        for inner in value if isinstance(value, tuple) else (value,):
            if hasattr(inner, "holds"):
                yield from _inside(inner)


def _unsaid(book: Book, texts: Texts) -> Iterator[str]:
    """Yield every word that a language lacks, or has without need."""
    needed: dict[str, set[str]] = {
        "answers": {DONE},
        "expects": set(),
        "because": {COMMAND_NOT_AT_HAND},
        "warnings": set(),
    }
    steps: set[str] = set()
    for procedure in book.procedures:
        if procedure.id not in texts.procedures:
            yield f"{texts.language}: procedure {procedure.id!r} has no name"
        for step in procedure.steps:
            steps.add(step.id)
            needed["answers"] |= {choice.id for choice in step.answers}
            needed["expects"] |= {expectation.id for expectation in step.expects}
            needed["because"] |= {skip.because for skip in step.skips}
            needed["because"] |= {branch.because for branch in step.branches} - {""}
            needed["warnings"] |= {warning.id for warning in step.warnings}
    yield from _compared(texts.language, "steps", steps, texts.steps)
    for group, ids in needed.items():
        yield from _compared(texts.language, group, ids, texts.groups[group])
    for where, place in texts.places():
        if place not in PLACES:
            yield f"{texts.language}: {where}: nothing fills the place {{{place}}}"


def _compared(language: str, group: str, needed: set[str], there: Iterable[str]) -> Iterator[str]:
    said = set(there)
    yield from (f"{language}: {group}.{name} is missing" for name in sorted(needed - said))
    yield from (f"{language}: {group}.{name} is never said" for name in sorted(said - needed))
