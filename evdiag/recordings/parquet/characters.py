"""Columns of numbers, hex digits and words as characters, many lines at once.

A `Field` is a matrix of characters, a line a row, and a matrix that tells which of them are
written; lines are fields side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Characters = NDArray[np.uint8]
Written = NDArray[np.bool_]

_UPPER: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8)
_LOWER: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_ZERO: Final = np.uint8(ord("0"))

_MOST_DIGITS: Final = 64


class Field(NamedTuple):
    """Characters of shape (n, width), and which of them are written."""

    characters: Characters
    written: Written


class Lines(NamedTuple):
    """The bytes of lines one after the other; line k is ``text[edges[k]:edges[k + 1]]``."""

    text: Characters
    edges: NDArray[np.int64]


def joined(fields: Sequence[Field]) -> Lines:
    """Put fields side by side, and the lines that they make one after the other."""
    characters = np.concatenate([field.characters for field in fields], axis=1)
    written = np.concatenate([field.written for field in fields], axis=1)
    edges = np.zeros(len(characters) + 1, np.int64)
    np.cumsum(np.count_nonzero(written, axis=1), out=edges[1:])
    return Lines(characters[written], edges)


def constant(text: bytes, count: int) -> Field:
    """Write the same text in every line."""
    characters = np.broadcast_to(np.frombuffer(text, np.uint8), (count, len(text)))
    return Field(characters, np.ones(characters.shape, np.bool_))


def words(known: Sequence[bytes], numbers: NDArray[np.integer]) -> Field:
    """Write the word of each line's number."""
    width = max((len(word) for word in known), default=0)
    table = np.zeros((max(len(known), 1), width), np.uint8)
    for number, word in enumerate(known):
        table[number, : len(word)] = np.frombuffer(word, np.uint8)
    lengths = np.array([len(word) for word in known] or [0], np.intp)
    return Field(table[numbers], np.arange(width) < lengths[numbers][:, None])


def is_fewest_digits(value: object) -> bool:
    """Tell whether a number can be written with at least so many digits, and little room."""
    return type(value) is int and 1 <= value <= _MOST_DIGITS


def decimal(values: NDArray[np.uint64], fewest: int) -> Field:
    """Write whole numbers, with zeros before them where they have fewer digits than `fewest`."""
    highest = int(values.max(initial=0))
    width = max(len(str(highest)), fewest, 1)
    characters = np.empty((len(values), width), np.uint8)
    rest = values
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, np.uint64(10))
        characters[:, place] = digit
    characters += _ZERO
    return Field(characters, _last(width, _digits(values, 10, width), fewest))


def hex_number(values: NDArray[np.uint32], fewest: NDArray[np.integer], upper: bool) -> Field:
    """Write numbers of up to 32 bits, each with at least so many digits."""
    octets = values.astype(">u4").view(np.uint8).reshape(-1, 4)
    nibbles = np.stack([octets >> 4, octets & 0x0F], axis=2).reshape(-1, 8)
    written = _last(8, _digits(values, 16, 8), fewest)
    return Field((_UPPER if upper else _LOWER)[nibbles], written)


def _digits(values: NDArray[np.unsignedinteger], base: int, most: int) -> NDArray[np.intp]:
    """Return how many digits each number has."""
    counts = np.ones(len(values), np.intp)
    for power in range(1, most):
        counts += values >= base**power
    return counts


def _last(width: int, counts: NDArray[np.intp], fewest: int | NDArray[np.integer]) -> Written:
    """Tell which of `width` characters are the last ones, so many in each line."""
    return np.arange(width) >= (width - np.maximum(counts, fewest))[:, None]


def hex_octets(data: NDArray[np.uint8], upper: bool) -> Characters:
    """Write bytes as two digits each, in a matrix twice as wide."""
    digits = _UPPER if upper else _LOWER
    pairs = np.empty((*data.shape, 2), np.uint8)
    pairs[..., 0] = digits[data >> 4]
    pairs[..., 1] = digits[data & 0x0F]
    return pairs.reshape(len(data), -1)
