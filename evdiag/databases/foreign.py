"""cantools' objects as layout rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evdiag.databases.layout import MessageLayout, MultiplexCondition, SignalLayout
from evdiag.databases.signal_statement import is_finite

if TYPE_CHECKING:
    from collections.abc import Iterable

FLOAT_LENGTHS = (16, 32, 64)
"""Bits; cantools takes any signal for a float that the file calls one."""

LONGEST_CLASSIC = 8
"""Bytes; a longer message can only be CAN FD."""


def message_from_cantools(message: Any) -> MessageLayout:
    """Return the layout of a cantools message, multiplexing as cantools understands it."""
    by_name = {signal.name: signal for signal in message.signals}
    return MessageLayout(
        message.name,
        message.frame_id,
        message.is_extended_frame,
        message.length,
        tuple(
            signal_from_cantools(signal, tuple(_conditions(signal, by_name)))
            for signal in message.signals
        ),
        fd=bool(message.is_fd) or message.length > LONGEST_CLASSIC,
        period_ms=_period(message.cycle_time),
        senders=tuple(message.senders),
        comment=message.comment or "",
    )


def signal_from_cantools(
    signal: Any, conditions: tuple[MultiplexCondition, ...] = ()
) -> SignalLayout:
    """Return the layout of a cantools signal."""
    choices = signal.conversion.choices or {}
    return SignalLayout(
        signal.name,
        signal.start,
        signal.length,
        signal.byte_order == "little_endian",
        signal.is_signed,
        signal.conversion.is_float and signal.length in FLOAT_LENGTHS,
        signal.conversion.scale,
        signal.conversion.offset,
        _limit(signal.minimum),
        _limit(signal.maximum),
        signal.unit or "",
        tuple((int(number), str(text)) for number, text in choices.items()),
        signal.is_multiplexer,
        conditions,
        signal.comment or "",
    )


def _limit(number: Any) -> int | float | None:
    return number if number is not None and is_finite(number) else None


def _conditions(signal: Any, by_name: dict[str, Any]) -> Iterable[MultiplexCondition]:
    """Return what must hold, the outermost switch first."""
    found: list[MultiplexCondition] = []
    above = signal
    while (switch := by_name.get(above.multiplexer_signal)) is not None and len(found) < 8:
        found.insert(0, MultiplexCondition(switch.name, _ranges(above.multiplexer_ids or [])))
        above = switch
    return found


def _ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], number
        else:
            ranges.append((number, number))
    return tuple(ranges)


def _period(cycle_time: Any) -> int | None:
    return round(cycle_time) if isinstance(cycle_time, (int, float)) and cycle_time > 0 else None
