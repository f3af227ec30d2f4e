"""The ids of a text, read from words of eight characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evdiag.recordings.columns.spreading import places_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from evdiag.recordings.columns.ascii_words import Words
    from evdiag.recordings.columns.rows import Marked

Ids: TypeAlias = NDArray[np.uint32]


class KnownIds:
    """Reads ids: of a word that was met before by one look into a table, of others with care.

    A recording has few ids, each thousands of times. `with_care` tells of words which ids they
    write, and which of them do write one. The table has room for two to the power of `bits`.
    """

    def __init__(self, with_care: Callable[[Words], tuple[Ids, Marked]], *, bits: int = 14) -> None:
        self._with_care = with_care
        self._bits = bits
        self._words = np.zeros(1 << bits, np.uint64)
        self._ids = np.zeros(1 << bits, np.uint32)
        # Nothing is where it belongs yet: 0 belongs to the first place, and 1 to another.
        self._words[0] = 1

    def read(self, words: Words) -> tuple[Ids, Marked]:
        """Return the ids that words write, and which of them do write one."""
        places = places_of(words, self._bits)
        known: Marked = self._words.take(places) == words
        identifiers = self._ids.take(places)
        if not known.all():
            others = np.flatnonzero(~known)
            identifiers[others], known[others] = self._learn(words[others], places[others])
        return identifiers, known

    def _learn(self, words: Words, places: NDArray[np.intp]) -> tuple[Ids, Marked]:
        identifiers, fits = self._with_care(words)
        new = np.flatnonzero(fits & (self._words.take(places) == 0))
        self._words[places[new]] = words[new]
        # Where several belong to one place, one is there now.
        there = new[self._words.take(places[new]) == words[new]]
        self._ids[places[there]] = identifiers[there]
        return identifiers, fits
