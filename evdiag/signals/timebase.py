"""Stream time of a whole recording: the running maximum of all stamps, epoch by epoch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.signals.events import CLOCK_JUMP_NS, SILENCE_NS


class Timebase(NamedTuple):
    """Stream time of every row, and where epochs begin.

    `stream_ns` int64 of shape (n,); `epoch_starts` the row indices at which an epoch begins, the
    first one being row 0 (empty for no rows).
    """

    stream_ns: NDArray[np.int64]
    epoch_starts: tuple[int, ...]

    @staticmethod
    def of(time_ns: NDArray[np.int64]) -> Timebase:
        """Compute it from the stamps of all rows, in consumed order."""
        stream = np.maximum.accumulate(time_ns) if len(time_ns) else time_ns
        if not (time_ns < stream - CLOCK_JUMP_NS).any():
            return Timebase(stream, (0,) if len(time_ns) else ())
        starts = _epoch_starts(time_ns)
        for first, end in zip(starts, (*starts[1:], len(time_ns)), strict=True):
            stream[first:end] = np.maximum.accumulate(time_ns[first:end])
        return Timebase(stream, tuple(starts))

    def epochs(self) -> list[tuple[int, int]]:
        """Return the (first, end) rows of every epoch."""
        ends = (*self.epoch_starts[1:], len(self.stream_ns))
        return list(zip(self.epoch_starts, ends, strict=False))

    def silences(self, alive: NDArray[np.bool_]) -> list[Silences]:
        """Find, epoch by epoch, where the bus was silent for more than `SILENCE_NS`.

        `alive` marks the rows that prove traffic.
        """
        return [self._silences_of(first, end, alive) for first, end in self.epochs()]

    def no_silences(self) -> list[Silences]:
        """Return, epoch by epoch, that there was none: for signals whose bus may be silent."""
        rows, stamps = np.empty(0, np.intp), np.empty(0, np.int64)
        return [Silences(rows, stamps, rows) for _ in self.epochs()]

    def _silences_of(self, first: int, end: int, alive: NDArray[np.bool_]) -> Silences:
        stream = self.stream_ns[first:end]
        rows = np.flatnonzero(alive[first:end])
        heard = stream[rows]
        # The last one is followed by the end of the epoch.
        silent = np.flatnonzero(np.append(heard[1:], stream[-1:]) - heard > SILENCE_NS)
        deadlines = heard[silent] + SILENCE_NS
        known = np.searchsorted(stream, deadlines, side="right")
        ended = np.append(rows, len(stream))[silent + 1]
        return Silences(first + known, deadlines, first + ended)


def _epoch_starts(time_ns: NDArray[np.int64]) -> list[int]:
    """Return the rows at which an epoch begins, in one pass: two merged clocks make thousands."""
    starts = [0]
    latest: int = time_ns[0].item()
    for row, stamp in enumerate(time_ns.tolist()):
        if stamp < latest - CLOCK_JUMP_NS:
            starts.append(row)
            latest = stamp
        elif stamp > latest:
            latest = stamp
    return starts


class Silences(NamedTuple):
    """The silences of one epoch, in order, as parallel columns.

    `known` is the row at which each is noticed, `deadline_ns` the moment it was one, `ended` the
    row that ended it (the end of the epoch where none did).
    """

    known: NDArray[np.intp]
    deadline_ns: NDArray[np.int64]
    ended: NDArray[np.intp]
