"""Recordings whose stamps tell no time: none passes, and only the order of things is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from evdiag.signals.columns import PlacedEvent
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.timebase import Timebase


def without_time(excerpt: Excerpt) -> Excerpt:
    """Return the same rows with a stream time that stands: no signal is late, no bus silent."""
    stands = np.full(len(excerpt.block), excerpt.block.time_ns[:1].sum(), np.int64)
    epoch = (0,) if len(stands) else ()
    return excerpt._replace(timebase=Timebase(stands, epoch), before_ns=stands)


def one_after_another(events: Iterable[PlacedEvent]) -> Iterator[PlacedEvent]:
    """Yield events with stamps that rise from row to row, where a logger gave them all the same.

    Stamps that count rows rise already, and stay.
    """
    row, stamp_ns = -1, -1
    for placed in events:
        if placed.row != row:
            row, stamp_ns = placed.row, max(placed.event.time_ns, stamp_ns + 1)
        yield placed._replace(event=placed.event._replace(time_ns=stamp_ns))
