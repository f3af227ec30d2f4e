"""Generated layouts and frames, and the same layouts as cantools sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from cantools.database import Message, Signal
from cantools.database.conversion import BaseConversion
from cantools.database.namedsignalvalue import NamedSignalValue
from hypothesis import strategies as st

from evdiag.databases.layout import MessageLayout, MultiplexCondition, SignalLayout

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMBERS = st.sampled_from([1, 2, -3, 0, 0.1, 0.5, 1.0, 4.0, -0.25, 1e-3, 100])


@st.composite
def signal_layouts(
    draw: st.DrawFn, bytes_long: int, name: str = "S", longest: int = 64
) -> SignalLayout:
    """One signal anywhere in a message of `bytes_long` bytes."""
    little_endian = draw(st.booleans())
    is_float = draw(st.integers(0, 4)) == 0
    bits = bytes_long * 8
    lengths = [size for size in (16, 32, 64) if size <= bits] if is_float else None
    is_float = bool(lengths)
    length = draw(st.sampled_from(lengths) if lengths else st.integers(1, min(bits, longest)))
    first = draw(st.integers(0, bits - length))
    return SignalLayout(
        name,
        first if little_endian else first // 8 * 8 + 7 - first % 8,
        length,
        little_endian,
        draw(st.booleans()),
        is_float,
        draw(NUMBERS),
        draw(NUMBERS),
        choices=draw(st.sampled_from([(), ((0, "Off"), (1, "On"), (-1, "Error"), (300, ""))])),
    )


@st.composite
def message_layouts(draw: st.DrawFn) -> MessageLayout:
    """A message of overlapping signals, some on pages of two nested multiplexer switches."""
    bytes_long = draw(st.sampled_from([1, 2, 3, 8, 12, 64]))
    pages = st.lists(st.tuples(st.integers(-2, 9), st.integers(0, 300)), min_size=1, max_size=3)
    outer = draw(signal_layouts(bytes_long, "Outer", 12))._replace(is_float=False, is_switch=True)
    inner = draw(signal_layouts(bytes_long, "Inner", 12))._replace(is_float=False, is_switch=True)
    in_outer = MultiplexCondition("Outer", _ranges(draw(pages)))
    in_inner = MultiplexCondition("Inner", _ranges(draw(pages)))
    inner = inner._replace(conditions=draw(st.sampled_from([(), (in_outer,)])))
    signals = [outer, inner]
    for number in range(draw(st.integers(1, 4))):
        conditions = draw(st.sampled_from([(), (in_outer,), (*inner.conditions, in_inner)]))
        signal = draw(signal_layouts(bytes_long, f"S{number}", draw(st.sampled_from([64, 90]))))
        signals.append(signal._replace(conditions=conditions))
    return MessageLayout("M", 0x123, False, bytes_long, tuple(signals), fd=bytes_long > 8)


def _ranges(pairs: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple((low, low + span) for low, span in pairs)


def frames_for(layout: MessageLayout) -> st.SearchStrategy[list[bytes]]:
    """Frames shorter than, as long as and longer than the message; many values come twice."""
    whole = st.binary(min_size=layout.length, max_size=layout.length)
    plain = st.sampled_from([bytes(layout.length), b"\x01" * layout.length, b"\xff" * 64])
    return st.lists(whole | plain | st.binary(max_size=64), max_size=12)


def columns(frames: list[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The data and length columns of a block."""
    width = 64 if any(len(data) > 8 for data in frames) else 8
    packed = b"".join(data.ljust(width, b"\0") for data in frames)
    lengths = np.array([len(data) for data in frames], np.uint8)
    return np.frombuffer(packed, np.uint8).reshape(-1, width), lengths


def cantools_message(layout: MessageLayout, signal: SignalLayout) -> Any:
    """A message that holds this one plain signal, in cantools' terms."""
    choices = {number: NamedSignalValue(number, text) for number, text in signal.choices}
    return Message(
        layout.id,
        layout.name,
        layout.length,
        [
            Signal(
                signal.name,
                signal.start,
                signal.length,
                "little_endian" if signal.little_endian else "big_endian",
                signal.signed,
                conversion=BaseConversion.factory(
                    signal.scale, signal.offset, choices or None, signal.is_float
                ),
            )
        ],
        strict=True,
    )
