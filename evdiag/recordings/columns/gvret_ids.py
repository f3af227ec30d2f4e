"""The ids of GVRET CSV, from words of eight characters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from evdiag.recordings.columns.ascii_words import first_bytes, hex_numbers
from evdiag.recordings.columns.known_ids import KnownIds
from evdiag.recordings.gvret import LOST_FRAMES_ID

if TYPE_CHECKING:
    from evdiag.recordings.columns.ascii_words import Words
    from evdiag.recordings.columns.known_ids import Ids
    from evdiag.recordings.columns.rows import Marked


class GvretIds:
    """Reads the ids of one text; those met before are known by the number of their digits."""

    def __init__(self) -> None:
        self._known: dict[int, KnownIds] = {}

    def read(self, words: Words, digits: int) -> tuple[Ids, Marked]:
        """Return the ids that the last digits of words write, and which of them do write one."""
        if digits not in self._known:
            self._known[digits] = KnownIds(partial(gvret_ids, digits))
        # Zeros before them, which no id has among its digits.
        return self._known[digits].read(words & ~np.uint64(first_bytes(8 - digits)))


def gvret_ids(digits: int, words: Words) -> tuple[Ids, Marked]:
    """Read ids of so many hex digits with zeros before them; what marks lost frames is none."""
    identifiers, fits = hex_numbers(words, digits)
    fits &= identifiers < LOST_FRAMES_ID
    return identifiers, fits
