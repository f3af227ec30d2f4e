"""What a message's layout says that cannot be quite right: told, and decoded all the same."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from evdiag.databases.database import BEYOND, DUPLICATE, LENGTH, OVERLAP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evdiag.databases.layout import SignalLayout

LONGEST_FRAME = 64
LONGEST_NUMBER = 64
_NAMED = 3


class Doubt(NamedTuple):
    """A problem of one signal, by its place in the message."""

    kind: str
    place: int
    problem: str
    consequence: str


def signal_doubts(signals: Sequence[SignalLayout], length: int) -> Iterator[Doubt]:
    """Yield what is odd about where the signals of a message of `length` bytes lie."""
    masks = [_mask(signal) for signal in signals]
    taken = 0
    before = _Before()
    for place, (signal, mask) in enumerate(zip(signals, masks, strict=True)):
        if mask >> (8 * length):
            yield Doubt(
                BEYOND,
                place,
                f"it does not fit into the message's {length} bytes",
                "decoded only in frames that are long enough",
            )
        if signal.length > LONGEST_NUMBER:
            yield Doubt(
                LENGTH,
                place,
                f"it is {signal.length} bits long",
                "decoded as one whole number",
            )
        if mask & taken:
            others = [
                signals[other].name
                for other in before.that_may_meet(signal)
                if mask & masks[other] and not exclusive(signal, signals[other])
            ]
            if others:
                yield Doubt(OVERLAP, place, f"it overlaps {_listed(others)}", "both are decoded")
        taken |= mask
        before.add(place, signal)


class _Before:
    """The signals before one, by the page that alone selects them: there may be thousands."""

    def __init__(self) -> None:
        self._all: list[int] = []
        self._elsewhere: list[int] = []
        self._on_page: dict[str, dict[int, list[int]]] = {}

    def add(self, place: int, signal: SignalLayout) -> None:
        self._all.append(place)
        page = _page(signal)
        if page is None:
            self._elsewhere.append(place)
        else:
            self._on_page.setdefault(page[0], {}).setdefault(page[1], []).append(place)

    def that_may_meet(self, signal: SignalLayout) -> Sequence[int]:
        """Return the places of all that are not on another page of the same switch."""
        page = _page(signal)
        if page is None:
            return self._all
        switch, value = page
        found = [*self._elsewhere, *self._on_page.get(switch, {}).get(value, ())]
        for other, pages in self._on_page.items():
            if other != switch:
                found += chain.from_iterable(pages.values())
        return sorted(found)


def _page(signal: SignalLayout) -> tuple[str, int] | None:
    """Return the switch and its one value at which alone a signal is there, if it is so."""
    if len(signal.conditions) != 1:
        return None
    switch, ranges = signal.conditions[0]
    one = len(ranges) == 1 and ranges[0][0] == ranges[0][1]
    return (switch, ranges[0][0]) if one else None


def unique_names(signals: Sequence[SignalLayout]) -> tuple[list[SignalLayout], list[Doubt]]:
    """Give each signal a name of its own, so that no value is taken for another's.

    Signals on different multiplexer pages may share a name: only one of them is ever there. A
    signal that is stated twice, word for word, stays one.
    """
    kept: list[SignalLayout] = []
    doubts: list[Doubt] = []
    names = {signal.name for signal in signals}
    by_name: dict[str, _Before] = {}
    read: set[tuple[object, ...]] = set()
    for place, signal in enumerate(signals):
        before = by_name.setdefault(signal.name, _Before())
        if _reading(signal) in read:
            doubts.append(Doubt(DUPLICATE, place, "it is stated twice", "loaded once"))
            continue
        if not all(exclusive(signal, signals[other]) for other in before.that_may_meet(signal)):
            number = 2
            while f"{signal.name}_{number}" in names:
                number += 1
            name = f"{signal.name}_{number}"
            names.add(name)
            doubts.append(
                Doubt(
                    DUPLICATE,
                    place,
                    "another signal of the message has this name",
                    f"both are decoded, this one as {name}",
                )
            )
            kept.append(signal._replace(name=name))
            continue
        before.add(place, signal)
        read.add(_reading(signal))
        kept.append(signal)
    return kept, doubts


def exclusive(one: SignalLayout, other: SignalLayout) -> bool:
    """Tell whether no frame can carry both, for their multiplexer pages differ."""
    return any(
        mine.switch == theirs.switch and not _meet(mine.ranges, theirs.ranges)
        for mine in one.conditions
        for theirs in other.conditions
    )


def _meet(ranges: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> bool:
    return any(low <= top and bottom <= high for low, high in ranges for bottom, top in others)


def _reading(signal: SignalLayout) -> tuple[object, ...]:
    """Return what two signals share that read the same bits in the same way under one name."""
    return signal._replace(choices=(), comment="", minimum=None, maximum=None, unit="")


def _mask(signal: SignalLayout) -> int:
    """Return the signal's bits as a number: bit 0 is the least significant one of byte 0."""
    if signal.little_endian:
        return ((1 << signal.length) - 1) << signal.start
    mask, bit = 0, signal.start
    for _ in range(signal.length):
        mask |= 1 << bit
        bit = bit - 1 if bit % 8 else bit + 15
    return mask


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
