"""The ids of candump text, from words of eight characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from evdiag.recordings.columns.ascii_words import Shape, first_bytes, hex_numbers, other_than_hex

if TYPE_CHECKING:
    from evdiag.recordings.columns.ascii_words import Words
    from evdiag.recordings.columns.known_ids import Ids
    from evdiag.recordings.columns.rows import Marked

_STANDARD: Final = Shape("??? ???#")
_STANDARD_DIGITS: Final = np.uint64(first_bytes(3) << 32)
_HIGHEST: Final = np.uint32(0x1FFF_FFFF)


def standard_ids(words: Words) -> tuple[Ids, Marked]:
    """Read ids that are written as ``??? 123#``."""
    fits = _STANDARD.read(words)[1]
    fits &= (other_than_hex(words.view(np.uint8)).view(np.uint64) & _STANDARD_DIGITS) == 0
    signs = words.astype("<u8", copy=False).view("<u4")[1::2]
    values = (signs >> np.uint32(6)) & np.uint32(0x010101)
    values *= np.uint32(9)
    values += signs & np.uint32(0x0F0F0F)
    # The first digit goes to the third half byte from 16 on, the second and third to those below.
    values *= np.uint32(1 << 24 | 1 << 12 | 1)
    values >>= np.uint32(16)
    values &= np.uint32(0xFFF)
    return values, fits


def extended_ids(words: Words) -> tuple[Ids, Marked]:
    """Read ids of eight hex digits."""
    identifiers, fits = hex_numbers(words, 8)
    fits &= identifiers <= _HIGHEST
    return identifiers, fits
