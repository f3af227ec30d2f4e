"""The bits of one signal in the bytes of one frame, or of many frames at once.

All that byte order means is settled here, once, when a layout is compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evdiag.databases.layout import SignalLayout

WIDEST_COLUMN = 64
"""Bits; a longer number has no column type and becomes an array of Python integers."""


class _Piece(NamedTuple):
    """The part of a signal that one byte holds, and where it belongs in the number."""

    byte: int
    shift: int
    mask: int
    position: int


class Bits:
    """Where the bits of a signal lie, and how they are read as an unsigned number."""

    __slots__ = ("_end", "_first", "_mask", "_order", "_pieces", "_shift", "length")

    def __init__(self, layout: SignalLayout) -> None:
        self.length = layout.length
        self._mask = (1 << layout.length) - 1
        if layout.little_endian:
            low, high = layout.start, layout.start + layout.length - 1
            self._first, self._end = low // 8, high // 8 + 1
            self._order: Any = "little"
            self._shift = low % 8
        else:
            # Bits in the order of the wire: the first bit of a byte is its most significant one.
            low = layout.start // 8 * 8 + 7 - layout.start % 8
            high = low + layout.length - 1
            self._first, self._end = low // 8, high // 8 + 1
            self._order = "big"
            self._shift = 7 - high % 8
        self._pieces = tuple(self._piece(byte) for byte in range(self._first, self._end))

    def _piece(self, byte: int) -> _Piece:
        place = byte - self._first if self._order == "little" else self._end - 1 - byte
        low = max(place * 8, self._shift)
        high = min(place * 8 + 8, self._shift + self.length)
        return _Piece(byte, low - place * 8, (1 << (high - low)) - 1, low - self._shift)

    @property
    def looked_at(self) -> int:
        """The bits themselves, in a number whose lowest byte is the first one of the frame."""
        return sum(piece.mask << (piece.shift + 8 * piece.byte) for piece in self._pieces)

    def read(self, data: bytes) -> int | None:
        """Return the bits as an unsigned number, or None where the frame is too short."""
        if len(data) < self._end:
            return None
        number = int.from_bytes(data[self._first : self._end], self._order)
        return number >> self._shift & self._mask

    def present(self, length: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Tell which frames are long enough."""
        return length >= self._end

    def column(self, data: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the bits of every row as unsigned numbers; rows that are too short give rubbish.

        The array is of type uint64, or of Python integers where the signal is longer than that.
        """
        kind = np.dtype(object) if self.length > WIDEST_COLUMN else np.dtype(np.uint64)
        number: NDArray[Any] = np.zeros(len(data), kind)
        if self._end > data.shape[1]:
            return number
        for piece in self._pieces:
            part = data[:, piece.byte] >> np.uint8(piece.shift) & np.uint8(piece.mask)
            number |= part.astype(kind) << kind.type(piece.position)
        return number
