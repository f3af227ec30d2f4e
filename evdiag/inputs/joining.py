"""Blocks joined as they come, so that a whole recording is held once and not twice."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.block import Block
from evdiag.inputs.frame import Channel


def joined(blocks: Iterable[Block]) -> Block:
    """Join the blocks of one recording, as `Block.concatenate` does."""
    joiner = Joiner()
    for block in blocks:
        joiner.add(block)
    return joiner.whole()


class Joiner:
    """Columns that grow in place, by an eighth more than is needed."""

    def __init__(self) -> None:
        self._channels: dict[Channel, int] = {}
        self._used = 0
        self._time_ns = np.empty(0, np.int64)
        self._channel = np.empty(0, np.int16)
        self._id = np.empty(0, np.uint32)
        self._flags = np.empty(0, np.uint8)
        self._length = np.empty(0, np.uint8)
        self._data = np.empty((0, 8), np.uint8)

    @property
    def rows(self) -> int:
        """How many rows there are so far."""
        return self._used

    def add(self, block: Block) -> None:
        """Append the rows of one block."""
        place = slice(self._used, self._used + len(block))
        self._make_room(place.stop, block.data.shape[1])
        self._time_ns[place] = block.time_ns
        self._channel[place] = self._numbers(block)[block.channel]
        self._id[place] = block.id
        self._flags[place] = block.flags
        self._length[place] = block.length
        self._data[place, : block.data.shape[1]] = block.data
        self._used = place.stop

    def whole(self) -> Block:
        """Return everything."""
        self._resize(self._used)
        return Block(
            tuple(self._channels),
            self._time_ns,
            self._channel,
            self._id,
            self._flags,
            self._length,
            self._data,
        )

    def _numbers(self, block: Block) -> NDArray[np.int16]:
        known = self._channels
        return np.array([known.setdefault(name, len(known)) for name in block.channels], np.int16)

    def _make_room(self, rows: int, width: int) -> None:
        if width > self._data.shape[1]:
            self._data = np.pad(self._data, ((0, 0), (0, width - self._data.shape[1])))
        if rows > len(self._time_ns):
            self._resize(rows + rows // 8)

    def _resize(self, rows: int) -> None:
        for column in (self._time_ns, self._channel, self._id, self._flags, self._length):
            column.resize(rows, refcheck=False)
        self._data.resize((rows, self._data.shape[1]), refcheck=False)
