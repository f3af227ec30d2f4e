"""What a message's layout says that cannot be quite right: told, and decoded all the same."""

from __future__ import annotations

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
                other.name
                for other, theirs in zip(signals[:place], masks, strict=False)
                if mask & theirs and not exclusive(signal, other)
            ]
            if others:
                yield Doubt(OVERLAP, place, f"it overlaps {_listed(others)}", "both are decoded")
        taken |= mask


def unique_names(signals: Sequence[SignalLayout]) -> tuple[list[SignalLayout], list[Doubt]]:
    """Give each signal a name of its own, so that no value is taken for another's.

    Signals on different multiplexer pages may share a name: only one of them is ever there. A
    signal that is stated twice, word for word, stays one.
    """
    kept: list[SignalLayout] = []
    doubts: list[Doubt] = []
    names = {signal.name for signal in signals}
    by_name: dict[str, list[SignalLayout]] = {}
    for place, signal in enumerate(signals):
        before = by_name.setdefault(signal.name, [])
        if any(_same(signal, other) for other in before):
            doubts.append(Doubt(DUPLICATE, place, "it is stated twice", "loaded once"))
            continue
        if not all(exclusive(signal, other) for other in before):
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
        before.append(signal)
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


def _same(one: SignalLayout, other: SignalLayout) -> bool:
    """Tell whether two signals of one name read the same bits in the same way."""
    return one == other._replace(
        choices=one.choices,
        comment=one.comment,
        minimum=one.minimum,
        maximum=one.maximum,
        unit=one.unit,
    )


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
