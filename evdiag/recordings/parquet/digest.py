"""A hash of frames that does not depend on the blocks they come in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from evdiag.inputs.block import REMOTE

if TYPE_CHECKING:
    from evdiag.inputs import Block, Channel


class FrameDigest:
    """Sees all frames in order, with the stamps of their source; `hexdigest` is of all of them."""

    def __init__(self) -> None:
        self._columns = [hashlib.sha256() for _ in range(6)]
        self._channels: dict[Channel, int] = {}

    def add(self, block: Block) -> None:
        """See more frames; channels count in the order of their first frames."""
        block = block.in_order_of_appearance()
        known = self._channels
        numbers = np.array([known.setdefault(name, len(known)) for name in block.channels] or [0])
        sizes = np.where(block.flags & REMOTE, 0, block.length)
        width = block.data.shape[1]
        data = block.data[np.arange(width) < sizes[:, None]]
        columns = (
            block.time_ns.astype("<i8"),
            numbers[block.channel].astype("<i4"),
            block.id.astype("<u4"),
            block.flags,
            block.length,
            data,
        )
        for seen, column in zip(self._columns, columns, strict=True):
            seen.update(np.ascontiguousarray(column).data)

    def hexdigest(self) -> str:
        """Return the hash of all columns and of the channels' names."""
        whole = hashlib.sha256(repr(list(self._channels)).encode("utf-8", "backslashreplace"))
        for seen in self._columns:
            whole.update(seen.digest())
        return whole.hexdigest()
