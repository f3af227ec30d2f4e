"""Keeps the memory of one piece of a recording for the next."""

from __future__ import annotations

from typing import Final

import numpy as np

_LARGER_THAN_A_PIECE: Final = 8 << 20


def keep_freed_memory() -> None:
    """Let the C library keep what the columns of a piece free.

    glibc gives memory back to the system above a threshold, and every page of it is cleared when
    it is taken anew, which lasts as long as the reading itself. Freeing something large once (it
    is never written to, so it costs nothing) moves the threshold (malloc(3), M_MMAP_THRESHOLD).
    """
    np.empty(_LARGER_THAN_A_PIECE, np.uint8)
