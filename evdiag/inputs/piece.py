"""Frames of one stretch of a recording, as columns whose data bytes wait until they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.block import Block, keys_of
from evdiag.inputs.frame import Channel

Chosen: TypeAlias = "slice | NDArray[np.intp]"


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames in file order as parallel columns of length n, as in `Block`; data only on request.

    Few questions look at the data of every frame, and to read them costs more than all the rest.
    `read_data` gives the data column of the chosen rows: uint8 of shape (rows, 8) or (rows, 64),
    zero beyond `length`. It may be asked until the next piece is taken from the reader.
    """

    channels: tuple[Channel, ...]
    time_ns: NDArray[np.int64]
    channel: NDArray[np.int16]
    id: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    length: NDArray[np.uint8]
    read_data: Callable[[Chosen], NDArray[np.uint8]]

    def __len__(self) -> int:
        return len(self.time_ns)

    @property
    def keys(self) -> NDArray[np.uint32]:
        """Frame keys (see `frame_key`) of all rows."""
        return keys_of(self.id, self.flags)

    @staticmethod
    def of(block: Block) -> Piece:
        """Return a piece whose data are read already."""
        return Piece(
            block.channels,
            block.time_ns,
            block.channel,
            block.id,
            block.flags,
            block.length,
            block.data.__getitem__,
        )

    def at(self, time_ns: NDArray[np.int64]) -> Piece:
        """Return the same rows with other stamps."""
        return replace(self, time_ns=time_ns)

    def block(self, chosen: Chosen = slice(None)) -> Block:
        """Return the chosen rows, data and all."""
        return Block(
            self.channels,
            self.time_ns[chosen],
            self.channel[chosen],
            self.id[chosen],
            self.flags[chosen],
            self.length[chosen],
            self.read_data(chosen),
        )
