"""Slots: small numbers that stand for the ids of a recording, one for each id on each channel."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Slots: TypeAlias = NDArray[np.intp]
"""Of each row, the number of its id; `NO_SLOT` for an error frame, which has none."""

NO_SLOT: Final = -1
_SORTED_FAST: Final = 1 << 16


def slot_by_slot(slots: Slots) -> NDArray[np.intp]:
    """Return the rows slot by slot, those of one slot in their order; no row is without one."""
    if len(slots) and slots.max() >= _SORTED_FAST:
        return np.argsort(slots, kind="stable")
    return np.argsort(slots.astype(np.uint16), kind="stable")
