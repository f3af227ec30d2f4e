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

_EVERY: Final = 0x0101010101010101
_PAIRS: Final = np.uint64(0x000000FF000000FF)


def loadable(text: Text) -> Words:
    """Return a view of `text` in which item k is the word that starts at byte k."""
    return np.ndarray((len(text) - 7,), np.dtype("<u8"), text, strides=(1,))


class Shape:
    """What eight characters should look like: ``(0000000`` is a bracket and seven digits.

    A zero stands for any digit, ``?`` for anything, and every other character for itself.
    """

    def __init__(self, shape: str) -> None:
        self._mask = _word(0 if c == "?" else 0xF0 if c == "0" else 0xFF for c in shape)
        self._want = _word(0 if c == "?" else ord(c) for c in shape)
        self._digits = _word(0x0F if c == "0" else 0 for c in shape)
        self._six = _word(0x06 if c == "0" else 0 for c in shape)
        self._sixteen = _word(0x10 if c == "0" else 0 for c in shape)
        self._seen = _word(0 if c == "?" else 0xFF for c in shape)

    def wanted(self, words: Words) -> Words:
        """Return the words with zeros where this shape stands for anything."""
        return words & self._seen

    def fits(self, words: Words) -> NDArray[np.bool_]:
        """Tell which words have this shape."""
        rest = words & self._mask
        fit: NDArray[np.bool_] = rest == self._want
        # The sixteen signs from 0 on are ten digits and six others: adding six tells them apart.
        np.bitwise_and(words, self._digits, out=rest)
        rest += self._six
        rest &= self._sixteen
        fit &= rest == 0
        return fit

    def digits(self, words: Words) -> Words:
        """Return the values of the digits of words that have this shape; all else is zero."""
        return words & self._digits


def numbers(digits: Words, weights: tuple[int, int, int, int]) -> Words:
    """Add up eight values of digits, pair by pair, each pair times its weight.

    The sum must stay below 2**32.
    """
    first, second, third, fourth = weights
    even = digits * np.uint64(10)
    even += digits >> np.uint64(8)
    sums = even & _PAIRS
    sums *= np.uint64(first << 32 | third)
    even >>= np.uint64(16)
    even &= _PAIRS
    even *= np.uint64(second << 32 | fourth)
    sums += even
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


def first_bytes(count: int) -> int:
    """Return the mask of the first `count` characters of a word."""
    return (1 << (8 * count)) - 1


def other_than_hex(text: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which characters are no hex digits."""
    values = text - np.uint8(ord("0"))
    found: NDArray[np.bool_] = values >= 10
    np.bitwise_and(text, np.uint8(0xDF), out=values)
    values -= np.uint8(ord("A"))
    found &= values >= 6
    return found


def _word(characters: Iterable[int]) -> np.uint64:
    return np.uint64(int.from_bytes(bytes(characters), "little"))
