"""Layout rows made ready to decode: one frame at a time (live) or a column at a time (batch).

Both ways give the same numbers, and the same as cantools wherever cantools decodes; property
tests hold that. A signal is read by its own bits alone: one that overlaps another or does not fit
its message costs nobody but itself.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from evdiag.signals.bits import WIDEST_COLUMN, Bits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from evdiag.databases.layout import MessageLayout, MultiplexCondition, SignalLayout
    from evdiag.inputs import FrameKey

Raw: TypeAlias = int | float
Value: TypeAlias = int | float | str

FLOAT_FORMATS = {16: "e", 32: "f", 64: "d"}
"""Lengths that a float signal can have (IEEE 754 half, single, double)."""


class _Condition(NamedTuple):
    switch: Bits
    ranges: tuple[tuple[int, int], ...]

    def holds(self, data: bytes) -> bool:
        number = self.switch.read(data)
        return number is not None and any(low <= number <= high for low, high in self.ranges)

    def holds_in(self, data: NDArray[np.uint8], length: NDArray[np.uint8]) -> NDArray[np.bool_]:
        number = self.switch.column(data)
        hit = np.zeros(len(data), bool)
        for low, high in self.ranges:
            hit |= ((number >= low) & (number <= high)).astype(bool)
        return hit & self.switch.present(length)


class CompiledSignal:
    """One signal, ready to decode."""

    __slots__ = ("_bits", "_choices", "_conditions", "_offset", "_scale", "_sign", "layout")

    def __init__(self, layout: SignalLayout, conditions: tuple[_Condition, ...] = ()) -> None:
        self.layout = layout
        self._bits = Bits(layout)
        self._conditions = conditions
        self._choices = dict(layout.choices)
        self._sign = 1 << layout.length - 1 if layout.signed and not layout.is_float else 0
        self._scale, self._offset = _conversion(layout)

    @property
    def name(self) -> str:
        """The signal's name."""
        return self.layout.name

    @property
    def looked_at(self) -> int:
        """All bits that decide the value, in a number whose lowest byte is the frame's first."""
        bits = self._bits.looked_at
        for condition in self._conditions:
            bits |= condition.switch.looked_at
        return bits

    def raw(self, data: bytes) -> Raw | None:
        """Return the raw value, or None where this frame does not carry the signal.

        It does not where it is too short, or where a multiplexer condition does not hold. A
        remote or error frame carries no signals: do not ask.
        """
        for condition in self._conditions:
            if not condition.holds(data):
                return None
        number = self._bits.read(data)
        if number is None:
            return None
        if self._sign:
            return number - 2 * self._sign if number & self._sign else number
        return _float(number, self.layout.length) if self.layout.is_float else number

    def raws(
        self, data: NDArray[np.uint8], length: NDArray[np.uint8]
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the raw values of many frames, and which of them carry the signal.

        `data` has one row of bytes a frame, `length` says how many of them the frame has. Where
        a frame does not carry the signal (see `raw`) the value means nothing. The values are
        int64, float64, uint64 (unsigned, 64 bits) or Python integers (longer than 64 bits).
        """
        present = self._bits.present(length)
        for condition in self._conditions:
            present &= condition.holds_in(data, length)
        return self._typed(self._bits.column(data)), present

    def _typed(self, number: NDArray[Any]) -> NDArray[Any]:
        if self.layout.is_float:
            size = self.layout.length // 8
            with np.errstate(invalid="ignore"):  # a signalling NaN is as good as any
                return number.astype(f"u{size}").view(f"f{size}").astype(np.float64)
        if self.layout.length > WIDEST_COLUMN:
            return np.where(number & self._sign != 0, number - 2 * self._sign, number)
        if self._sign:
            # Up to the top of the word and back: the arithmetic shift copies the sign bit.
            unused = 64 - self.layout.length
            return (number << np.uint64(unused)).view(np.int64) >> np.int64(unused)
        return number if self.layout.length == WIDEST_COLUMN else number.astype(np.int64)

    def value(self, raw: Raw) -> Value:
        """Return the text of the value table, or the scaled number where it has none.

        Whole numbers stay whole where scale and offset are.
        """
        if self._choices and math.isfinite(raw):
            text = self._choices.get(int(raw))
            if text is not None:
                return text
        return self.scaled(raw)

    def scaled(self, raw: Raw) -> int | float:
        """Return the scaled number, whatever the value table says."""
        if self._scale == 1 and self._offset == 0:
            return raw
        return raw * self._scale + self._offset

    def scaled_all(self, raws: NDArray[Any]) -> NDArray[Any]:
        """Return what `scaled` gives for each of the raw values of a column.

        The values are int64, float64, uint64, or Python numbers where whole ones could outgrow 64
        bits.
        """
        if self._scale == 1 and self._offset == 0:
            return raws
        if raws.dtype == object or (raws.dtype.kind != "f" and self._outgrows_words):
            return np.fromiter(map(self.scaled, raws.tolist()), object, len(raws))
        with np.errstate(over="ignore", invalid="ignore"):
            scaled: NDArray[Any] = raws * self._scale + self._offset
        return scaled

    @property
    def _outgrows_words(self) -> bool:
        if isinstance(self._scale, float):
            return False
        return (abs(self._scale) << self.layout.length) + abs(self._offset) >= 1 << 63

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the value table, in the order that `text_numbers` counts."""
        return tuple(self._choices.values())

    def text_numbers(self, raws: NDArray[Any]) -> NDArray[np.intp]:
        """Return the number of the text that each raw value has among `texts`, -1 for none."""
        known = {raw: number for number, raw in enumerate(self._choices)}
        if raws.dtype.kind not in "iu":
            found = (known.get(int(raw), -1) if math.isfinite(raw) else -1 for raw in raws.tolist())
            return np.fromiter(found, np.intp, len(raws))
        limits = np.iinfo(raws.dtype)
        listed = sorted(raw for raw in known if limits.min <= raw <= limits.max)
        if not listed:
            return np.full(len(raws), -1, np.intp)
        table = np.array(listed, raws.dtype)
        places = np.minimum(np.searchsorted(table, raws), len(table) - 1)
        numbers = np.array([known[raw] for raw in listed], np.intp)
        return np.where(table[places] == raws, numbers[places], -1)


class CompiledMessage:
    """One message and its signals, in the order of the layout."""

    __slots__ = ("layout", "signals")

    def __init__(self, layout: MessageLayout, signals: tuple[CompiledSignal, ...]) -> None:
        self.layout = layout
        self.signals = signals

    @property
    def key(self) -> FrameKey:
        """The key under which frames of this message are found."""
        return self.layout.key

    def signal(self, name: str) -> CompiledSignal:
        """Return the first signal of this name.

        Raises:
            KeyError: the message has none.
        """
        for signal in self.signals:
            if signal.name == name:
                return signal
        raise KeyError(name)


def compile_message(layout: MessageLayout) -> CompiledMessage:
    """Make a message ready to decode.

    Raises:
        ValueError: a layout that no frame can have (no bits, a float of odd length, a switch that
            the message does not hold); `evdiag.databases` lets none through.
    """
    switches = {signal.name: signal for signal in reversed(layout.signals)}
    return CompiledMessage(
        layout, tuple(_compile_signal(signal, switches) for signal in layout.signals)
    )


def _compile_signal(layout: SignalLayout, switches: dict[str, SignalLayout]) -> CompiledSignal:
    if layout.length < 1 or layout.start < 0:
        raise ValueError(f"signal {layout.name!r} has no bits")
    if layout.is_float and layout.length not in FLOAT_FORMATS:
        raise ValueError(f"signal {layout.name!r} cannot be a float of {layout.length} bits")
    return CompiledSignal(layout, tuple(_conditions(layout.conditions, switches)))


def _conditions(
    conditions: tuple[MultiplexCondition, ...], switches: dict[str, SignalLayout]
) -> Iterable[_Condition]:
    for condition in conditions:
        if condition.switch not in switches:
            raise ValueError(f"no multiplexer switch {condition.switch!r}")
        bits = Bits(switches[condition.switch])
        yield _Condition(bits, tuple(_as_bits(condition.ranges, bits.length)))


def _as_bits(ranges: tuple[tuple[int, int], ...], length: int) -> Iterable[tuple[int, int]]:
    """Translate ranges of a switch to its unsigned bits; what no frame can hold is cut off.

    DBC editors write the page numbers of signed switches either way, -1 or 255.
    """
    span = 1 << length
    for low, high in ranges:
        if high >= 0 and low < span:
            yield max(low, 0), min(high, span - 1)
        if low < 0 and high >= -(span >> 1):
            yield max(low, -(span >> 1)) + span, min(high, -1) + span


def _conversion(layout: SignalLayout) -> tuple[int | float, int | float]:
    """Return scale and offset as numbers that keep whole values whole, as cantools does."""
    scale, offset = layout.scale, layout.offset
    if not layout.is_float and float(scale).is_integer() and float(offset).is_integer():
        return int(scale), int(offset)
    return scale, offset


def _float(number: int, length: int) -> float:
    packed = number.to_bytes(length // 8, "big")
    value: float = struct.unpack(">" + FLOAT_FORMATS[length], packed)[0]
    return value
