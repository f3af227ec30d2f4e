"""From a table of TOML to a condition: one key names its kind, the others belong to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast, get_args

from evdiag.guide.conditions import (
    PROFILE_FACTS,
    All,
    Answered,
    AnyOf,
    AttemptWas,
    Became,
    BusIs,
    Condition,
    Found,
    KindIs,
    Met,
    Missed,
    Not,
    Obeyed,
    Offers,
    Profiled,
    Requested,
    SessionIs,
    SignalIs,
    SignalWithin,
    TimedOut,
    Told,
)
from evdiag.guide.safety import SESSION_STATES
from evdiag.port.attempt import Outcome
from evdiag.vehicles.toml_table import TomlTable
from evdiag.vocabulary import TERM

_OUTCOMES = get_args(Outcome)
_BUS_STATES = ("none", "asleep", "awake")
_CHARGING = ("ac", "dc", "load", "unknown")


def read_condition(table: TomlTable) -> Condition:
    """Read one condition.

    Raises:
        BadInputError: it names no kind or more than one, or what it says is not known.
    """
    kinds = [key for key in table.names() if key in _READERS]
    if len(kinds) != 1:
        known = ", ".join(sorted(_READERS))
        raise table.wrong(
            kinds[1] if kinds else "when", f"a condition has exactly one of these keys: {known}"
        )
    condition = _READERS[kinds[0]](table)
    table.close()
    return condition


def _signal(table: TomlTable) -> Condition:
    signal = table.word("signal", TERM)
    if TERM[signal].numeric:
        least = table.number("least") if "least" in table else None
        below = table.number("below") if "below" in table else None
        if least is None and below is None:
            raise table.wrong("signal", f"{signal} is a number: it needs 'least' or 'below'")
        return SignalWithin(signal, least, below)
    return SignalIs(signal, _some(table, "is", TERM[signal].words))


def _became(table: TomlTable) -> Condition:
    signal = table.word("became", TERM)
    if TERM[signal].numeric:
        raise table.wrong("became", f"{signal} is a number: say 'signal' with 'least' or 'below'")
    return Became(signal, _some(table, "is", TERM[signal].words))


def _some(table: TomlTable, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    words = table.words(key, allowed)
    if not words:
        raise table.wrong(key, "is missing: which words")
    return words


def _attempt(table: TomlTable) -> Condition:
    outcomes = cast("tuple[Outcome, ...]", _some(table, "attempt", _OUTCOMES))
    return AttemptWas(outcomes, ever=table.flag("ever", False))


def _answered(table: TomlTable) -> Condition:
    return Answered(table.text("answered"), table.texts("with"))


def _not(table: TomlTable) -> Condition:
    return Not(read_condition(table.table("not")))


def _timed_out(table: TomlTable) -> Condition:
    if not table.flag("timed_out"):
        raise table.wrong("timed_out", "can only be true")
    return TimedOut()


_READERS: dict[str, Callable[[TomlTable], Condition]] = {
    "all": lambda table: All(tuple(read_condition(one) for one in table.tables("all"))),
    "any": lambda table: AnyOf(tuple(read_condition(one) for one in table.tables("any"))),
    "not": _not,
    "signal": _signal,
    "became": _became,
    "requested": lambda table: Requested(table.texts("requested"), table.flag("ever", False)),
    "attempt": _attempt,
    "obeyed": lambda table: Obeyed(table.texts("obeyed")),
    "answer": lambda table: Answered(None, table.texts("answer")),
    "answered": _answered,
    "session": lambda table: SessionIs(_some(table, "session", SESSION_STATES)),
    "charging": lambda table: KindIs(_some(table, "charging", _CHARGING)),
    "found": lambda table: Found(table.texts("found")),
    "profile": lambda table: Profiled(table.word("profile", PROFILE_FACTS)),
    "offers": lambda table: Offers(table.word("offers", TERM)),
    "told": lambda table: Told(table.word("told", TERM)),
    "bus": lambda table: BusIs(_some(table, "bus", _BUS_STATES)),
    "met": lambda table: Met(table.text("met")),
    "missed": lambda table: Missed(table.text("missed")),
    "timed_out": _timed_out,
}
