"""The slots of ids that were met before, looked up for many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from evdiag.inputs.block import ERROR, EXTENDED
from evdiag.inputs.slots import NO_SLOT
from evdiag.recordings.columns.spreading import place_of, places_of

if TYPE_CHECKING:
    from evdiag.inputs import Channel, FrameKey
    from evdiag.inputs.piece import Piece
    from evdiag.inputs.slots import Slots

_STANDARD_IDS: Final = 0x800
_BITS: Final = 16
"""Of a place in the hash table."""


class SlotTable:
    """Finds slots: standard ids by a table of each channel, all others by a hash table.

    Of two ids for which the hash table has one entry, the first is found and the other is not.
    """

    def __init__(self) -> None:
        self._standard: dict[Channel, Slots] = {}
        self._numbers: dict[Channel, int] = {}
        self._entries: Slots = np.full(1 << _BITS, NO_SLOT, np.intp)
        self._names: list[int] = []

    def add(self, channel: Channel, key: FrameKey) -> None:
        """Give the next slot to an id."""
        slot = len(self._names)
        name = self._numbers.setdefault(channel, len(self._numbers)) << 32 | key
        self._names.append(name)
        place = place_of(name, _BITS)
        if self._entries[place] == NO_SLOT:
            self._entries[place] = slot
        if key < _STANDARD_IDS:
            self._of_channel(channel)[key] = slot

    def find(self, piece: Piece) -> Slots:
        """Return the slot of each row; `NO_SLOT` for an error frame, and what is not found."""
        odd = piece.flags & (EXTENDED | ERROR)
        if odd.any() or (piece.id >= _STANDARD_IDS).any():
            return self._find_any(piece)
        tables = [self._of_channel(channel) for channel in piece.channels]
        if len(tables) == 1:
            return tables[0].take(piece.id)
        places = piece.channel.astype(np.uint32) * np.uint32(_STANDARD_IDS) + piece.id
        return np.concatenate(tables).take(places)

    def _find_any(self, piece: Piece) -> Slots:
        # A channel that was not met before gets a number, and no name has it.
        numbers = [self._numbers.setdefault(c, len(self._numbers)) for c in piece.channels]
        names = piece.keys.astype(np.int64)
        if len(numbers) == 1:
            names |= numbers[0] << 32
        else:
            names |= np.array(numbers, np.int64).take(piece.channel) << 32
        slots = self._entries.take(places_of(names.view(np.uint64), _BITS))
        # The last name is that of `NO_SLOT`, and of no row.
        found = np.array([*self._names, -1], np.int64).take(slots) == names
        found &= (piece.flags & ERROR) == 0
        slots[~found] = NO_SLOT
        return slots

    def _of_channel(self, channel: Channel) -> Slots:
        if channel not in self._standard:
            self._standard[channel] = np.full(_STANDARD_IDS, NO_SLOT, np.intp)
        return self._standard[channel]
