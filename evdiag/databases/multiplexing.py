"""Which signals of a message are there when: the multiplexer marks and ``SG_MUL_VAL_`` ranges.

Ranges stay ranges: a DBC may say 0-1000000. Where cantools says something, this says the same;
where cantools drops a signal without a word, it is decoded here and the doubt is told. Where
marks do not say which of several switches is meant, a signal is decoded in every frame, as
cantools does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.databases.layout import MultiplexCondition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evdiag.databases.signal_statement import SignalStatement
    from evdiag.databases.source import Ranges

IN_EVERY_FRAME = "decoded in every frame, as if it was not multiplexed"


@dataclass(frozen=True)
class Place:
    """When one signal is there: all `conditions` hold. `doubt` says what the file leaves open."""

    conditions: tuple[MultiplexCondition, ...] = ()
    doubt: str = ""


def places(
    signals: list[SignalStatement], pages: Mapping[str, Mapping[str, Ranges]]
) -> list[Place]:
    """Return the place of each signal; `pages` are the ranges by switch and signal."""
    switches = [signal.name for signal in signals if signal.is_switch]
    links = [_link(signal, switches, pages) for signal in signals]
    first: dict[str, int] = {}
    for number, signal in enumerate(signals):
        first.setdefault(signal.name, number)
    return [_place(number, links, first) for number in range(len(signals))]


@dataclass(frozen=True)
class _Link:
    """The switch right above a signal, if any."""

    condition: MultiplexCondition | None = None
    doubt: str = ""


def _link(
    signal: SignalStatement,
    switches: list[str],
    pages: Mapping[str, Mapping[str, Ranges]],
) -> _Link:
    stated = [switch for switch, by_signal in pages.items() if signal.name in by_signal]
    if not signal.mark:
        return _Link(doubt="SG_MUL_VAL_ gives it pages, its mark does not" if stated else "")
    if len(switches) == 1:
        if signal.is_switch:
            return _Link(doubt="no switch selects its page" if signal.page is not None else "")
        switch = switches[0]
        marked = () if signal.page is None else ((signal.page, signal.page),)
        ranges = (*marked, *pages.get(switch, {}).get(signal.name, ()))
        if not ranges:
            return _Link(doubt=f"it is marked {signal.mark}, but no page of {switch} is named")
        return _Link(MultiplexCondition(switch, ranges))
    if stated:
        switch = stated[-1]
        return _Link(MultiplexCondition(switch, pages[switch][signal.name]))
    if signal.is_switch and signal.page is None:
        return _Link()
    if not switches:
        return _Link(doubt=f"it is marked {signal.mark}, but the message has no switch")
    return _Link(
        doubt=f"it is marked {signal.mark}, but the message has {len(switches)} switches and "
        "no SG_MUL_VAL_ says which one"
    )


def _place(number: int, links: list[_Link], first: dict[str, int]) -> Place:
    conditions: list[MultiplexCondition] = []
    seen = {number}
    link = links[number]
    while link.condition is not None:
        switch = first.get(link.condition.switch)
        if switch is None:
            return Place(doubt=f"its switch {link.condition.switch} does not exist")
        if switch in seen:
            return Place(doubt="its switches select each other")
        seen.add(switch)
        conditions.insert(0, link.condition)
        link = links[switch]
    return Place(tuple(conditions), links[number].doubt)
