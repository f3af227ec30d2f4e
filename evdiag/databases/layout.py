"""Frozen rows that say where a signal lies in a frame: all the core knows of a DBC.

Made by `evdiag.databases.load` from cantools' objects; nothing here imports cantools.
"""

from __future__ import annotations

from typing import NamedTuple

from evdiag.inputs.frame import FrameKey, frame_key


class MultiplexCondition(NamedTuple):
    """The signal is there only while `switch` has a raw value in one of `ranges`.

    Ranges are inclusive (low, high) pairs and stay ranges: a DBC may say 0-1000000.
    """

    switch: str
    ranges: tuple[tuple[int, int], ...]


class SignalLayout(NamedTuple):
    """One signal of one message.

    `start` is the DBC start bit: the least significant bit for little-endian (Intel, ``@1``)
    signals, the most significant bit for big-endian (Motorola, ``@0``) ones, numbered as the DBC
    does. A physical value is ``raw * scale + offset``. `choices` is the value table.
    `conditions` is empty for a plain signal; several conditions are nested multiplexing and must
    all hold.
    """

    name: str
    start: int
    length: int
    little_endian: bool
    signed: bool
    is_float: bool = False
    scale: float = 1
    offset: float = 0
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: tuple[tuple[int, str], ...] = ()
    is_switch: bool = False
    conditions: tuple[MultiplexCondition, ...] = ()
    comment: str = ""

    @property
    def raw_range(self) -> tuple[int, int]:
        """The lowest and the highest whole number that its bits can hold."""
        if self.signed:
            return -(1 << self.length - 1), (1 << self.length - 1) - 1
        return 0, (1 << self.length) - 1


class MessageLayout(NamedTuple):
    """One message: its id, its length in bytes and its signals."""

    name: str
    id: int
    extended: bool
    length: int
    signals: tuple[SignalLayout, ...]
    fd: bool = False
    period_ms: int | None = None
    senders: tuple[str, ...] = ()
    comment: str = ""

    @property
    def key(self) -> FrameKey:
        """The key under which frames of this message are found."""
        return frame_key(self.id, self.extended)
