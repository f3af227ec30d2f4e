"""The shapes of plain GVRET rows: rows of one shape differ in digits and in the direction only.

A row is laid over `WIDTH` bytes so that its stamp ends at byte 16.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

WIDTH: Final = 64
"""Wide enough for the widest plain row: its data end at byte 63."""
STAMP_ENDS: Final = 16

_PLAIN: Final = re.compile(
    rb"(\d{1,16}),([0-9A-Fa-f]{1,8}),((?i:true|false)),([RrTt][Xx],)?(\d{1,2}),[0-8],"
)
_ANY_CASE: Final = 0xDF


class Key(NamedTuple):
    """What tells shapes apart: widths in characters, the flag, whether a direction is written."""

    stamp: int
    id: int
    extended: bool
    directed: bool
    bus: int


class Signs(NamedTuple):
    """What eight bytes at a place must be, where `compared` has bits."""

    at: int
    signs: np.uint64
    compared: np.uint64


@dataclass(frozen=True, slots=True)
class RowShape:
    """Where the parts of a row stand, and which signs must stand between its digits."""

    key: Key
    id_ends: int
    direction_at: int
    bus_at: int
    length_at: int
    data_at: int
    between: tuple[Signs, ...]


def shape_of(row: bytes, directed: bool) -> Key | None:
    """Return the key of a row's shape; None for a row that is not plain."""
    match = _PLAIN.match(row)
    if match is None or (match[4] is not None) != directed:
        return None
    stamp, identifier, flag, _, bus = match.groups()
    return Key(len(stamp), len(identifier), len(flag) == len(b"true"), directed, len(bus))


@lru_cache(maxsize=64)
def row_shape(key: Key) -> RowShape:
    """Lay out the shape of this key."""
    id_ends = STAMP_ENDS + 1 + key.id
    flag = ",true," if key.extended else ",false,"
    direction = "?x," if key.directed else ""
    direction_at = id_ends + len(flag)
    bus_at = direction_at + len(direction)
    length_at = bus_at + key.bus + 1
    between = (flag + direction + "?" * key.bus + ",?,").ljust(16, "?")
    return RowShape(
        key,
        id_ends,
        direction_at,
        bus_at,
        length_at,
        length_at + 2,
        (
            Signs(STAMP_ENDS, word_of(",???????"), mask_of(",???????")),
            Signs(id_ends, word_of(between[:8]), mask_of(between[:8])),
            Signs(id_ends + 8, word_of(between[8:]), mask_of(between[8:])),
        ),
    )


def word_of(pattern: str) -> np.uint64:
    """Return eight characters as a word; ``?`` stands for anything."""
    return _word(bytes(0 if sign == "?" else ord(sign) for sign in pattern))


def mask_of(pattern: str) -> np.uint64:
    """Return which bits of a word must be as in `word_of`: letters may be of either case."""
    return _word(
        bytes(0 if sign == "?" else _ANY_CASE if sign.isalpha() else 0xFF for sign in pattern)
    )


def _word(signs: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(signs, "little"))
