"""Numbers spread over a table, like ones far apart: what a hash table needs."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_GOLDEN: Final = 0x9E3779B97F4A7C15
"""2**64 by the golden ratio: times a number, its upper bits are spread well (Knuth, TAOCP 6.4)."""
_64_BITS: Final = (1 << 64) - 1


def place_of(number: int, bits: int) -> int:
    """Return the place of a 64-bit number in a table of two to the power of `bits`."""
    return (number * _GOLDEN & _64_BITS) >> (64 - bits)


def places_of(numbers: NDArray[np.uint64], bits: int) -> NDArray[np.intp]:
    """Return what `place_of` does of each number."""
    return ((numbers * np.uint64(_GOLDEN)) >> np.uint64(64 - bits)).view(np.int64)
