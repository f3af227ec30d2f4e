"""The axis of elapsed time of a live bus: it starts at the first input and never runs back. Pure.

Stream time is the running maximum of all stamps; a clock that jumps back begins a new epoch, and
the gap counts nothing, as in a playback.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evdiag.signals.events import CLOCK_JUMP_NS


class LiveAxis:
    """Places stamps on the axis; all times are nanoseconds."""

    def __init__(self) -> None:
        self._base_ns: int | None = None
        self._high_ns = 0
        self._before_ns = 0

    @property
    def now_ns(self) -> int:
        """How far time has come on the axis."""
        return 0 if self._base_ns is None else self.place(self._high_ns)

    def place(self, stamp_ns: int) -> int:
        """Return where a stamp of this epoch lies."""
        base_ns = stamp_ns if self._base_ns is None else self._base_ns
        return max(0, self._before_ns + stamp_ns - base_ns)

    def stamp(self, place_ns: int) -> int | None:
        """Return the stamp, of this epoch's clock, that a place has; None before any input."""
        return None if self._base_ns is None else self._base_ns + place_ns - self._before_ns

    def pass_to(self, stamp_ns: int) -> None:
        """Let time pass to a stamp; it never runs back."""
        self._begin(stamp_ns)
        self._high_ns = max(self._high_ns, stamp_ns)

    def advance(self, stamps_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where frames lie, in consumed order; time has then passed to them."""
        if not len(stamps_ns):
            return stamps_ns
        self._begin(int(stamps_ns[0]))
        stream = np.maximum(np.maximum.accumulate(stamps_ns), self._high_ns)
        if (stamps_ns < stream - CLOCK_JUMP_NS).any():
            return self._advance_by_one(stamps_ns)
        first_ns = self.place(self._high_ns) - self._high_ns
        self._high_ns = int(stream[-1])
        return stream + first_ns

    def _begin(self, stamp_ns: int) -> None:
        if self._base_ns is None:
            self._base_ns = self._high_ns = stamp_ns

    def _advance_by_one(self, stamps_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        places = np.empty_like(stamps_ns)
        for row, stamp_ns in enumerate(stamps_ns.tolist()):
            if stamp_ns < self._high_ns - CLOCK_JUMP_NS:
                self._before_ns = self.now_ns
                self._base_ns = self._high_ns = stamp_ns
            self._high_ns = max(self._high_ns, stamp_ns)
            places[row] = self.place(self._high_ns)
        return places
