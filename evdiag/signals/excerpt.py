"""The rows of a recording that can matter to a watch list, and the time that all rows made."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block
from evdiag.signals.timebase import Timebase


class Excerpt(NamedTuple):
    """Rows of a recording in their order, with the stream time of the whole one.

    `timebase` says how far time had come with each row, and which rows begin an epoch; `before_ns`
    (int64) how far with the row that stood before it in the recording. `goes_on` (bool) marks a row
    that carried what the row of its id before it did, within `SILENCE_NS`; that one may have been
    left out. No bus is silent here that was not silent in the recording.
    """

    block: Block
    timebase: Timebase
    before_ns: NDArray[np.int64]
    goes_on: NDArray[np.bool_]

    @staticmethod
    def whole(block: Block) -> Excerpt:
        """Return all rows of a recording."""
        timebase = Timebase.of(block.time_ns)
        stream_ns = timebase.stream_ns
        before_ns = np.append(stream_ns[:1], stream_ns[:-1])
        return Excerpt(block, timebase, before_ns, np.zeros(len(block), np.bool_))
