"""Values of the vocabulary back into the bits of a frame: the inverse of decoding."""

from __future__ import annotations

from evdiag.signals.watch import WatchedSignal
from evdiag.vocabulary import Value


def raw_of(watched: WatchedSignal, value: Value) -> int:
    """Return the raw value that says `value`.

    Raises:
        ValueError: this signal has no such word, or the number does not fit its bits.
    """
    layout = watched.signal.layout
    if watched.meaning.words is not None:
        for raw, word in watched.meaning.words.items():
            if word == value:
                return raw
        raise ValueError(f"{watched.name} of this car has no word {value!r}")
    raw = round((float(value) - layout.offset) / layout.scale)
    low, high = layout.raw_range
    if not low <= raw <= high:
        raise ValueError(f"{watched.name}: {value} does not fit {layout.length} bits")
    return raw
