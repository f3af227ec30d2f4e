"""Rows that say again what the row of their id before them said."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.slots import Slots, slot_by_slot
from evdiag.signals.events import SILENCE_NS

Marked = NDArray[np.bool_]

_MOST_BYTES = 8
"""CAN FD frames with more are too rare in what is watched to be worth looking at closely."""


class Carried(NamedTuple):
    """What rows carried, in parallel columns, and the number of the epoch in which they did."""

    data: NDArray[np.uint64]
    lengths: NDArray[np.int64]
    times_ns: NDArray[np.int64]
    epochs: NDArray[np.int64]

    def rows(self, chosen: slice | NDArray[Any]) -> Carried:
        """Return the chosen rows, in the order in which they are chosen."""
        columns: tuple[Any, ...] = self
        return Carried(*(column[chosen] for column in columns))

    def go_on(self, before: Carried) -> Marked:
        """Tell which rows say soon what the row in `before` did."""
        same: Marked = (self.data == before.data) & (self.lengths == before.lengths)
        same &= self.lengths <= _MOST_BYTES
        same &= self.times_ns - before.times_ns <= SILENCE_NS
        same &= self.epochs == before.epochs
        return same


class Repeats:
    """Finds repeating rows, batch after batch; ids are told apart by their slots."""

    def __init__(self) -> None:
        self._last = _of_no_epoch(0)

    def make_room(self, slots: int) -> None:
        """Make room for so many slots."""
        more = _of_no_epoch(slots - len(self._last.epochs))
        pairs = zip(self._last, more, strict=True)
        self._last = Carried(*(np.concatenate(pair) for pair in pairs))

    def find(self, slots: Slots, carried: Carried) -> tuple[Marked, Marked]:
        """Return which rows go on from the one before them, and which of those stand in between.

        The next row of their slot goes on from the latter, in this batch; so its last never do.
        """
        goes_on = np.zeros(len(slots), np.bool_)
        between = np.zeros(len(slots), np.bool_)
        if not len(slots):
            return goes_on, between
        order = slot_by_slot(slots)
        slot, carried = slots[order], carried.rows(order)
        firsts = np.flatnonzero(np.append(True, slot[1:] != slot[:-1]))
        lasts = np.append(firsts[1:], len(slot)) - 1
        goes = np.zeros(len(slot), np.bool_)
        goes[1:] = carried.rows(slice(1, None)).go_on(carried.rows(slice(-1)))
        goes[firsts] = carried.rows(firsts).go_on(self._last.rows(slot[firsts]))
        for column, new in zip(self._last, carried.rows(lasts), strict=True):
            column[slot[lasts]] = new
        followed = np.append(goes[1:], False)
        followed[lasts] = False
        goes_on[order] = goes
        between[order] = goes & followed
        return goes_on, between


def _of_no_epoch(rows: int) -> Carried:
    """Return rows that nothing goes on from."""
    zeros = np.zeros(rows, np.int64)
    return Carried(zeros.view(np.uint64), zeros.copy(), zeros.copy(), zeros - 1)
