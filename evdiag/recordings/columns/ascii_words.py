"""Eight characters of text at once, as one 64-bit word of a column of such words.

A word holds its first character in its lowest byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from evdiag.recordings.columns.whole_lines import Text

Words = NDArray[np.uint64]

_ALL: Final = 0xFFFFFFFFFFFFFFFF
_TOP_BITS: Final = np.uint64(0x8080808080808080)
_EVERY: Final = 0x0101010101010101


def loadable(text: Text) -> Words:
    """Return a view of `text` in which item k is the word that starts at byte k."""
    return np.ndarray((len(text) - 7,), np.dtype("<u8"), text, strides=(1,))


class Shape:
    """What eight characters should look like: ``(0000000`` is a bracket and seven digits.

    A zero stands for any digit, ``?`` for anything, and every other character for itself.
    """

    def __init__(self, shape: str) -> None:
        self._seen = _word(0 if c == "?" else 0xFF for c in shape)
        self._least = _word(0 if c == "?" else ord(c) for c in shape)
        self._has_digits = "0" in shape
        # What makes 0x80, and not less, of a value that is too high.
        self._room = _word({"?": 0, "0": 0x80 - 10}.get(c, 0x80 - 1) for c in shape)

    def wanted(self, words: Words) -> Words:
        """Return the words with zeros where this shape stands for anything."""
        return words if self._seen == _ALL else words & self._seen

    def read(self, words: Words) -> tuple[Words, NDArray[np.bool_]]:
        """Return the values of the digits, zeros beside them, and which words have this shape.

        The values of a word of another shape mean nothing.
        """
        values = words ^ self._least
        if self._seen != _ALL:
            values &= self._seen
        if not self._has_digits:
            return values, values == 0
        # One that is 0x80 or more by itself may carry into the next, and is seen all the same.
        seen = values + self._room
        seen |= values
        seen &= _TOP_BITS
        return values, seen == 0


def numbers(digits: Words) -> Words:
    """Return the number that eight values of digits make, the first one highest."""
    # Two neighbours become one number below a hundred, two of those one below ten thousand.
    sums = digits * np.uint64(10 << 8 | 1)
    sums >>= np.uint64(8)
    sums &= np.uint64(0x00FF00FF00FF00FF)
    sums *= np.uint64(100 << 16 | 1)
    sums >>= np.uint64(16)
    sums &= np.uint64(0x0000FFFF0000FFFF)
    sums *= np.uint64(10_000 << 32 | 1)
    sums >>= np.uint64(32)
    return sums


def hex_bytes(words: Words) -> Words:
    """Return the four bytes that eight hex digits write (``\\0`` is 0), the first one lowest."""
    letters = words >> np.uint64(6)
    letters &= np.uint64(_EVERY)
    letters *= np.uint64(9)
    halves = words & np.uint64(0x0F * _EVERY)
    halves += letters
    apart = halves << np.uint64(4)
    halves >>= np.uint64(8)
    apart |= halves
    apart &= np.uint64(0x00FF00FF00FF00FF)
    apart |= apart >> np.uint64(8)
    apart &= np.uint64(0x0000FFFF0000FFFF)
    apart |= apart >> np.uint64(16)
    apart &= np.uint64(0xFFFFFFFF)
    return apart


def hex_numbers(words: Words, digits: int) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Return the number that the last hex digits of words write, and which words end in so many.

    What stands before them is zero.
    """
    others = other_than_hex(words.view(np.uint8)).view(np.uint64)
    fits: NDArray[np.bool_] = (others & ~np.uint64(first_bytes(8 - digits))) == 0
    return hex_bytes(words).astype(np.uint32).byteswap(), fits


def first_bytes(count: int) -> int:
    """Return the mask of the first `count` characters of a word."""
    return (1 << (8 * count)) - 1


def other_than_hex(text: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which characters are no hex digits."""
    values = text - np.uint8(ord("0"))
    found: NDArray[np.bool_] = values >= 10
    np.bitwise_and(text, np.uint8(0xDF), out=values)
    values -= np.uint8(ord("A"))
    no_letters = np.greater_equal(values, 6, out=values.view(np.bool_))
    found &= no_letters
    return found


def _word(characters: Iterable[int]) -> np.uint64:
    return np.uint64(int.from_bytes(bytes(characters), "little"))
