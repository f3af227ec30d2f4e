"""Which frames of a recording carry which id, and which frame of the same id came before each.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block
from evdiag.inputs.block import ERROR, FD, REMOTE, TX
from evdiag.port.attempt import NANOSECONDS
from evdiag.session.track import Latest, SeenKind
from evdiag.signals.compiled import CompiledSignal

_KEY_BITS, _ERROR_BIT, _REMOTE_BIT = 32, 1 << 32, 1 << 33
_PERIODS = 10
"""So many frames back the mean period is taken from."""


class FrameIndex:
    """The frames of a block by kind.

    `kinds` is sorted by channel (as the recording numbers them) and id; `kind_numbers` gives the
    kind of every frame; `previous` the frame of the same kind before it, -1 for the first;
    `changed` whether its bytes differ from that one (the first counts as changed). `shown_ns` is
    the axis of elapsed time.
    """

    def __init__(self, block: Block, shown_ns: NDArray[np.int64] | None = None) -> None:
        self._block = block
        self._shown_ns = block.time_ns if shown_ns is None else shown_ns
        self.has_special = bool((block.flags & (ERROR | REMOTE | FD | TX)).any())
        distinct, kind_numbers = np.unique(combined_keys(block), return_inverse=True)
        self.kinds = [kind_called(block.channels, int(number)) for number in distinct]
        self.kind_numbers: NDArray[np.intp] = kind_numbers
        order = np.argsort(kind_numbers, kind="stable")
        bounds = np.searchsorted(kind_numbers[order], np.arange(len(distinct) + 1))
        self._rows = [order[first:end] for first, end in pairwise(bounds)]
        self.previous = np.full(len(block), -1, np.intp)
        same = kind_numbers[order[1:]] == kind_numbers[order[:-1]]
        self.previous[order[1:][same]] = order[:-1][same]
        before = np.maximum(self.previous, 0)
        self.changed: NDArray[np.bool_] = (
            (self.previous < 0)
            | (block.length != block.length[before])
            | (block.data != block.data[before]).any(axis=1)
        )
        self._numbers = {kind: number for number, kind in enumerate(self.kinds)}
        self._matching: tuple[object, NDArray[np.intp]] | None = None
        self._carrying: dict[tuple[int, CompiledSignal], NDArray[np.intp]] = {}

    def kind_of(self, row: int) -> SeenKind:
        """Return what a frame is."""
        return self.kinds[int(self.kind_numbers[row])]

    def gap_s(self, row: int) -> float | None:
        """Return the seconds since the kind's frame before; None for its first."""
        before = int(self.previous[row])
        if before < 0:
            return None
        return float(self._shown_ns[row] - self._shown_ns[before]) / NANOSECONDS

    def changed_bytes(self, row: int) -> Sequence[bool]:
        """Say of each byte of a frame whether it differs from the kind's frame before."""
        block, before = self._block, int(self.previous[row])
        size = int(block.length[row])
        if before < 0:
            return [False] * size
        differs = block.data[row, :size] != block.data[before, :size]
        differs[int(block.length[before]) :] = True
        return [bool(each) for each in differs]

    def latest(self, kind: int, position: int) -> Latest:
        """Return the newest frame of a kind that was seen."""
        count = self.seen(kind, position)
        row = int(self._rows[kind][count - 1])
        every_s = None
        if count > 1:
            rows = self._rows[kind][max(0, count - _PERIODS - 1) : count]
            span_ns = int(self._shown_ns[rows[-1]] - self._shown_ns[rows[0]])
            every_s = span_ns / NANOSECONDS / (len(rows) - 1)
        return Latest(row, self._block.frame(row), count, every_s, self.changed_bytes(row))

    def seen(self, kind: int, position: int) -> int:
        """Return how many frames of a kind lie before a position."""
        return int(np.searchsorted(self._rows[kind], position))

    def kinds_seen(self, position: int) -> list[int]:
        """Return the kinds that occur before a position."""
        return [kind for kind, rows in enumerate(self._rows) if rows[0] < position]

    def rows(self, wanted: Collection[int], only_changed: bool, position: int) -> NDArray[np.intp]:
        """Return the frames before a position that are of these kinds, or that changed, too."""
        asked = (frozenset(wanted), only_changed)
        if self._matching is None or self._matching[0] != asked:
            mask = self._of_kinds(wanted)
            if only_changed:
                mask = mask & self.changed
            self._matching = (asked, np.flatnonzero(mask))
        rows = self._matching[1]
        return rows[: int(np.searchsorted(rows, position))]

    def last_carrying(self, kind: SeenKind, signal: CompiledSignal, position: int) -> int | None:
        """Return the last frame before a position that carries a signal; None never."""
        number = self._numbers.get(kind)
        if number is None:
            return None
        if (number, signal) not in self._carrying:
            rows = self._rows[number]
            _, present = signal.raws(self._block.data[rows], self._block.length[rows])
            self._carrying[number, signal] = rows[present]
        rows = self._carrying[number, signal]
        count = int(np.searchsorted(rows, position))
        return int(rows[count - 1]) if count else None

    def _of_kinds(self, kinds: Iterable[int]) -> NDArray[np.bool_]:
        wanted = np.zeros(len(self.kinds), bool)
        wanted[list(kinds)] = True
        mask: NDArray[np.bool_] = wanted[self.kind_numbers]
        return mask


def combined_keys(block: Block) -> NDArray[np.int64]:
    """Return one number for each frame that tells its kind, by the block's own channel numbers."""
    special = np.where(block.flags & ERROR, _ERROR_BIT, 0) | np.where(
        block.flags & REMOTE, _REMOTE_BIT, 0
    )
    keys = block.keys.astype(np.int64) * ((block.flags & ERROR) == 0)
    numbers: NDArray[np.int64] = (block.channel.astype(np.int64) << (_KEY_BITS + 2)) | keys
    return numbers | special


def kind_called(channels: Sequence[int | str], number: int) -> SeenKind:
    """Return the kind that a combined key stands for."""
    channel = channels[number >> (_KEY_BITS + 2)]
    key = number & ((1 << _KEY_BITS) - 1)
    return SeenKind(channel, key, bool(number & _ERROR_BIT), bool(number & _REMOTE_BIT))
