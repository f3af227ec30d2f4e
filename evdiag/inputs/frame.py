"""One CAN frame, as it was seen on a bus."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Channel: TypeAlias = int | str
"""The bus a frame was seen on, as its source names it: a number (GVRET) or a name (candump)."""

Direction: TypeAlias = Literal["rx", "tx"]

FrameKey: TypeAlias = int
"""Arbitration id with bit 31 set for 29-bit ids, so that 3B4 and 000003B4 stay two ids."""

EXTENDED_KEY = 1 << 31


class Frame(NamedTuple):
    """One CAN frame.

    `time_ns` is what the source says, in integer nanoseconds (since 1970 where the source knows
    the date, else from an origin of its own; it may be negative). `id` is the arbitration id
    without any flag; for an error frame it is the error class of Linux `can/error.h`.
    `requested_length` is the DLC of a remote frame, whose `data` is empty.
    `direction` is None where the source does not say.
    """

    time_ns: int
    channel: Channel
    id: int
    extended: bool
    data: bytes
    fd: bool = False
    remote: bool = False
    error: bool = False
    direction: Direction | None = None
    bitrate_switch: bool = False
    error_state_indicator: bool = False
    requested_length: int = 0


def frame_key(identifier: int, extended: bool) -> FrameKey:
    """Return the key under which layouts and columns find this id."""
    return identifier | EXTENDED_KEY if extended else identifier


def id_text(identifier: int, extended: bool) -> str:
    """Write an id the way the command contract does: ``0x3B4`` or ``0x0018DAF1``."""
    return f"0x{identifier:08X}" if extended else f"0x{identifier:03X}"


def key_text(key: FrameKey) -> str:
    """Write the id that a key stands for, as `id_text` does."""
    return id_text(key & ~EXTENDED_KEY, bool(key & EXTENDED_KEY))
