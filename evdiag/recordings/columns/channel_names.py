"""The channels of a recording, told by the eight characters of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from evdiag.recordings.columns.ascii_words import other_than_hex

if TYPE_CHECKING:
    from evdiag.recordings.columns.ascii_words import Words

_MOST_NAMES: Final = 64
"""A text with more of them is no recording in good order."""


class ChannelNames:
    """Numbers the names in the order in which they are met."""

    def __init__(self) -> None:
        self.known: list[str] = []
        self._words: list[int] = []
        self._signs: list[int] = [0]

    def numbers(self, words: Words, wanted: NDArray[np.bool_]) -> NDArray[np.int16]:
        """Return the number of the name in each word, -1 for what is no name that can be told.

        New names are learnt from the `wanted` words only.
        """
        if self._words and (words == self._words[0]).all():
            return np.zeros(len(words), np.int16)
        numbers = np.full(len(words), -1, np.int16)
        for number, known in enumerate(self._words):
            numbers[words == known] = number
        new = np.flatnonzero(wanted & (numbers < 0))
        values, places = np.unique(words[new], return_index=True)
        for value in values[np.argsort(places)].tolist():
            if self._learn(value):
                numbers[words == value] = len(self.known) - 1
        return numbers

    def signs(self, numbers: NDArray[np.int16]) -> NDArray[np.intp]:
        """Return how many characters of each name are no hex digits."""
        return np.array(self._signs, np.intp)[numbers]

    def _learn(self, word: int) -> bool:
        name = word.to_bytes(8, "little").rstrip(b"\0")
        if len(self.known) == _MOST_NAMES or not all(0x20 < sign < 0x7F for sign in name):
            return False
        self.known.append(name.decode("ascii"))
        self._words.append(word)
        self._signs.insert(-1, int(other_than_hex(np.frombuffer(name, np.uint8)).sum()))
        return True
