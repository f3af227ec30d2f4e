"""Which frames carry which id, and which frame of the same id came before each. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block, Channel, FrameKey, id_text
from evdiag.inputs.block import ERROR, FD, REMOTE, TX
from evdiag.inputs.frame import EXTENDED_KEY

_KEY_BITS, _ERROR_BIT, _REMOTE_BIT = 32, 1 << 32, 1 << 33


class SeenKind(NamedTuple):
    """One id on one channel; error and remote frames count as kinds of their own."""

    channel: Channel
    key: FrameKey
    error: bool
    remote: bool

    @property
    def id(self) -> str:
        """The id as it is written everywhere; an error frame has none."""
        if self.error:
            return "ERROR"
        return id_text(self.key & ~EXTENDED_KEY, bool(self.key & EXTENDED_KEY))


class FrameIndex:
    """The frames of a block by kind.

    `kinds` is sorted by channel (as the recording numbers them) and id; `kind_of` gives the kind
    of every frame; `previous` the frame of the same kind before it, -1 for the first; `changed`
    whether its bytes differ from that one (the first counts as changed). `has_special` is true
    where any frame is more than plain received data.
    """

    def __init__(self, block: Block) -> None:
        special = np.where(block.flags & ERROR, _ERROR_BIT, 0) | np.where(
            block.flags & REMOTE, _REMOTE_BIT, 0
        )
        self.has_special = bool((block.flags & (ERROR | REMOTE | FD | TX)).any())
        keys = block.keys.astype(np.int64) * ((block.flags & ERROR) == 0)
        combined = (block.channel.astype(np.int64) << (_KEY_BITS + 2)) | keys | special
        distinct, kind_of = np.unique(combined, return_inverse=True)
        self.kinds = [_kind(block, int(number)) for number in distinct]
        self.kind_of: NDArray[np.intp] = kind_of
        order = np.argsort(kind_of, kind="stable")
        bounds = np.searchsorted(kind_of[order], np.arange(len(distinct) + 1))
        self._rows = [order[first:end] for first, end in pairwise(bounds)]
        self.previous = np.full(len(block), -1, np.intp)
        same = kind_of[order[1:]] == kind_of[order[:-1]]
        self.previous[order[1:][same]] = order[:-1][same]
        before = np.maximum(self.previous, 0)
        self.changed: NDArray[np.bool_] = (
            (self.previous < 0)
            | (block.length != block.length[before])
            | (block.data != block.data[before]).any(axis=1)
        )

    def rows(self, kind: int) -> NDArray[np.intp]:
        """Return the frames of one kind, in order."""
        return self._rows[kind]

    def seen(self, kind: int, position: int) -> int:
        """Return how many frames of a kind lie before a position."""
        return int(np.searchsorted(self._rows[kind], position))

    def kinds_seen(self, position: int) -> list[int]:
        """Return the kinds that occur before a position."""
        return [kind for kind, rows in enumerate(self._rows) if rows[0] < position]

    def of_kinds(self, kinds: Iterable[int]) -> NDArray[np.bool_]:
        """Say of every frame whether it is of one of these kinds."""
        wanted = np.zeros(len(self.kinds), bool)
        wanted[list(kinds)] = True
        mask: NDArray[np.bool_] = wanted[self.kind_of]
        return mask


def _kind(block: Block, number: int) -> SeenKind:
    channel = block.channels[number >> (_KEY_BITS + 2)]
    key = number & ((1 << _KEY_BITS) - 1)
    return SeenKind(channel, key, bool(number & _ERROR_BIT), bool(number & _REMOTE_BIT))
