"""Raw values into the bits of a frame: the inverse of decoding. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from evdiag.databases.layout import SignalLayout


def encoded(length: int, values: Iterable[tuple[SignalLayout, int]]) -> bytes:
    """Return `length` bytes that hold these raw values; every other bit is 0."""
    data = bytearray(length)
    for layout, raw in values:
        put(data, layout, raw)
    return bytes(data)


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
