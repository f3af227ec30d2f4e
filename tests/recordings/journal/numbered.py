"""Frames that say their number; light, because a process that is soon killed imports it."""

from __future__ import annotations

from evdiag.inputs import Frame

WALL_NS = 1_795_374_302_123_456_000
S = 1_000_000_000


def frame(number: int) -> Frame:
    """Return a frame that says its number, a millisecond after the one before it."""
    data = number.to_bytes(8)
    return Frame(WALL_NS + number * 1_000_000, "can0", 0x123, False, data, direction="rx")
