"""Values of the vocabulary back into the bits of a frame: the inverse of decoding."""

from __future__ import annotations

from evdiag.databases.layout import SignalLayout
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
    low = -(1 << layout.length - 1) if layout.signed else 0
    high = (1 << layout.length - 1) - 1 if layout.signed else (1 << layout.length) - 1
    if not low <= raw <= high:
        raise ValueError(f"{watched.name}: {value} does not fit {layout.length} bits")
    return raw


def put(data: bytearray, layout: SignalLayout, raw: int) -> None:
    """Write the raw value of one signal into the bytes of a frame."""
    bits = raw & ((1 << layout.length) - 1)
    for place in range(layout.length):
        bit = bits >> place & 1
        position = _position(layout, place)
        byte, offset = divmod(position, 8)
        data[byte] = data[byte] & ~(1 << offset) | bit << offset


def _position(layout: SignalLayout, place: int) -> int:
    """Return the DBC bit number of the signal's bit `place`, counted from its least significant."""
    if layout.little_endian:
        return layout.start + place
    # Motorola: from the most significant bit at `start`, bits run down a byte and on to the next.
    from_top = layout.length - 1 - place
    byte, offset = divmod(layout.start, 8)
    steps = (7 - offset) + from_top
    return (byte + steps // 8) * 8 + 7 - steps % 8
