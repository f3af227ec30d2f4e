"""The bytes of rows, laid side by side: the same place of all of them is a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from evdiag.recordings.columns.ascii_words import Words
    from evdiag.recordings.columns.rows import Places
    from evdiag.recordings.columns.whole_lines import Text


class RowBytes:
    """`width` bytes of a text from each of `places` on, which rise.

    They are copied, but for rows that are all equally long: those lie side by side already.
    """

    def __init__(self, text: Text, places: Places, width: int) -> None:
        self._count = len(places)
        self._text: Text | NDArray[np.void] = text
        distance = _distance(places)
        if distance:
            self._first, self._distance = int(places[0]), distance
        else:
            row = np.dtype((np.void, width))
            rows = np.ndarray((len(text) - width + 1,), row, text, strides=(1,))
            self._text = rows[places]
            self._first, self._distance = 0, width

    def words(self, at: int) -> Words:
        """Return the eight bytes at a place of each row."""
        return np.ndarray((self._count,), "<u8", self._text, self._first + at, (self._distance,))

    def signs(self, at: int) -> NDArray[np.uint8]:
        """Return the byte at a place of each row."""
        return np.ndarray((self._count,), np.uint8, self._text, self._first + at, (self._distance,))


def _distance(places: Places) -> int:
    """Return how far apart places are, 0 where that differs."""
    if len(places) < 2:
        return 0
    distance = int(places[1] - places[0])
    if places[-1] - places[0] != distance * (len(places) - 1):
        return 0
    return distance if (places[1:] - places[:-1] == distance).all() else 0
