"""How busy a bus is, as screens show it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from evdiag.inputs import Block, Channel
from evdiag.inputs.block import EXTENDED

_FRAME_BITS = 47
_EXTENDED_BITS = 67
_STUFFING = 1.1
"""Bits of a classic frame without data (ISO 11898-1), and what stuff bits add on average."""


@dataclass(frozen=True, slots=True)
class ChannelTraffic:
    """One channel: frames from the beginning to here, and its last second.

    `load` is the share of the bit rate (0 to 1), None where the rate is not known.
    """

    channel: Channel
    frames: int
    frames_per_second: int
    load: float | None


@dataclass(frozen=True, slots=True)
class BusTraffic:
    """The last second of traffic, and counts from the beginning to here.

    `load` is that of the busiest channel whose bit rate is known, None where none is. The numbers
    of the last second mean nothing where the recording's stamps are no time.
    """

    frames_per_second: int
    load: float | None
    error_frames: int
    frames: int
    channels: tuple[ChannelTraffic, ...]


class LastSecond:
    """Adds up the frames and bits of one second, channel by channel."""

    def __init__(self) -> None:
        self._frames: dict[Channel, int] = {}
        self._bits: dict[Channel, float] = {}

    def add(self, block: Block, rows: slice) -> None:
        """Count these rows of a block."""
        channels, flags, length = block.channel[rows], block.flags[rows], block.length[rows]
        head = np.where((flags & EXTENDED) != 0, _EXTENDED_BITS, _FRAME_BITS)
        bits = (head + length.astype(np.int64) * 8) * _STUFFING
        for number, name in enumerate(block.channels):
            mine = channels == number
            self._frames[name] = self._frames.get(name, 0) + int(np.count_nonzero(mine))
            self._bits[name] = self._bits.get(name, 0.0) + float(bits[mine].sum())

    def traffic(
        self,
        totals: Mapping[Channel, int],
        bitrates: Mapping[Channel, int],
        error_frames: int,
        frames: int,
    ) -> BusTraffic:
        """Return it with the counts since the beginning; `bitrates` are in bit/s."""
        channels = tuple(self._channel(name, totals, bitrates) for name in totals)
        return BusTraffic(
            frames_per_second=sum(self._frames.values()),
            load=_busiest(channels),
            error_frames=error_frames,
            frames=frames,
            channels=channels,
        )

    def _channel(
        self, name: Channel, totals: Mapping[Channel, int], bitrates: Mapping[Channel, int]
    ) -> ChannelTraffic:
        bitrate = bitrates.get(name)
        load = self._bits.get(name, 0.0) / bitrate if bitrate else None
        return ChannelTraffic(name, totals[name], self._frames.get(name, 0), load)


def _busiest(channels: Iterable[ChannelTraffic]) -> float | None:
    return max((c.load for c in channels if c.load is not None), default=None)
