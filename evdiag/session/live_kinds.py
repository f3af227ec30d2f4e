"""The frames of a live bus by kind, over the whole run, in bounded memory. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block, Channel
from evdiag.inputs.block import ERROR, FD, REMOTE, TX
from evdiag.port.attempt import NANOSECONDS
from evdiag.session.frame_index import combined_keys, kind_called
from evdiag.session.track import SeenKind

MOST_KINDS, KINDS_KEPT = 20_000, 10_000
"""Beyond the one number the kinds that were silent longest are forgotten, down to the other."""

FORGOTTEN = -1
"""The number of a kind that was forgotten."""

_WIDEST = 64
_KEY_SHIFT = 34


class Folded(NamedTuple):
    """What is known of each frame of a block among its kind.

    `masks` hold a bit for each byte, set where it differs from the kind's frame before. `gap_ns`
    is the time since that frame, -1 for the first of its kind.
    """

    kinds: NDArray[np.int32]
    changed: NDArray[np.bool_]
    masks: NDArray[np.uint8]
    gap_ns: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class KindsState:
    """The kinds as they stood: by number their `newest` frame, its row, place and mask, counts."""

    kinds: Sequence[SeenKind]
    newest: Block
    row: NDArray[np.int64]
    place_ns: NDArray[np.int64]
    mask: NDArray[np.uint8]
    frames: NDArray[np.int64]
    every_ns: NDArray[np.float64]
    order: Sequence[int]
    has_special: bool


class LiveKinds:
    """Numbers the kinds, and keeps of each its newest frame and its counts.

    `forgotten` counts the kinds that there was no room for.
    """

    def __init__(self) -> None:
        self.channels: list[Channel] = []
        self.forgotten = 0
        self._numbers: dict[tuple[Channel, int], int] = {}
        self._kinds: list[SeenKind] = []
        self._order: list[int] = []
        self._has_special = False
        self._columns = _Columns.of(64)

    def fold(self, block: Block, place_ns: NDArray[np.int64], first_row: int) -> Folded:
        """Take frames; `place_ns` is where they lie on the axis."""
        distinct, inverse, counts = np.unique(
            combined_keys(block), return_inverse=True, return_counts=True
        )
        numbers = np.array([self._number(block, int(key)) for key in distinct], np.int32)
        self._has_special |= bool((block.flags & (ERROR | REMOTE | FD | TX)).any())
        order = np.argsort(inverse, kind="stable")
        ends = np.cumsum(counts)
        heads, tails = order[ends - counts], order[ends - 1]
        folded = self._compare(block, place_ns, numbers[inverse], order, heads)
        self._keep(block, place_ns, first_row, numbers, heads, tails, counts, folded.masks)
        return folded

    def forget_some(self) -> NDArray[np.int32] | None:
        """Forget kinds where there are too many; return old numbers to new ones, None if not."""
        count = len(self._kinds)
        if count <= MOST_KINDS:
            return None
        kept = np.sort(np.argsort(self._columns.row[:count])[count - KINDS_KEPT :])
        renumbered = np.full(count + 1, FORGOTTEN, np.int32)
        renumbered[kept] = np.arange(len(kept))
        keys = {number: key for key, number in self._numbers.items()}
        self._numbers = {keys[int(old)]: new for new, old in enumerate(kept)}
        self._kinds = [self._kinds[int(old)] for old in kept]
        self._columns = self._columns.only(kept)
        self._order = []
        self.forgotten += count - len(kept)
        return renumbered

    def state(self) -> KindsState:
        """Return the kinds as they stand."""
        count, columns = len(self._kinds), self._columns
        if len(self._order) != count:
            self._order = sorted(range(count), key=self._place_in_order)
        kept = columns.only(np.arange(count))
        return KindsState(
            kinds=self._kinds[:],
            newest=Block(
                tuple(self.channels),
                kept.time_ns, kept.channel, kept.id, kept.flags, kept.length, kept.data,
            ),
            row=kept.row,
            place_ns=kept.place_ns,
            mask=kept.mask,
            frames=kept.frames,
            every_ns=kept.every_ns,
            order=self._order,
            has_special=self._has_special,
        )  # fmt: skip

    def _number(self, block: Block, combined: int) -> int:
        name = block.channels[combined >> _KEY_SHIFT]
        key = (name, combined & ((1 << _KEY_SHIFT) - 1))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._kinds)
            self._kinds.append(kind_called(block.channels, combined))
            if name not in self.channels:
                self.channels.append(name)
            if number >= len(self._columns.row):
                self._columns = self._columns.doubled()
        return number

    def _place_in_order(self, number: int) -> tuple[int, SeenKind]:
        kind = self._kinds[number]
        return self.channels.index(kind.channel), kind._replace(channel=0)

    def _compare(
        self,
        block: Block,
        place_ns: NDArray[np.int64],
        kinds: NDArray[np.int32],
        order: NDArray[np.intp],
        heads: NDArray[np.intp],
    ) -> Folded:
        """Compare each frame with the one of its kind before it, in this block or before."""
        columns, width = self._columns, block.data.shape[1]
        known = columns.frames[kinds[heads]] > 0
        data, length, place = (np.empty_like(a) for a in (block.data, block.length, place_ns))
        same = kinds[order[1:]] == kinds[order[:-1]]
        later, earlier = order[1:][same], order[:-1][same]
        data[later], length[later] = block.data[earlier], block.length[earlier]
        place[later] = place_ns[earlier]
        data[heads] = columns.data[kinds[heads], :width]
        length[heads], place[heads] = columns.length[kinds[heads]], columns.place_ns[kinds[heads]]
        at = np.arange(width)
        differs = (block.data != data) | (at >= length[:, None])
        differs &= at < block.length[:, None]
        first = np.zeros(len(block), bool)
        first[heads[~known]] = True
        differs[first] = False
        changed = first | (block.length != length) | differs.any(axis=1)
        gap_ns = np.where(first, -1, place_ns - place)
        return Folded(kinds, changed, np.packbits(differs, axis=1), gap_ns)

    def _keep(
        self,
        block: Block,
        place_ns: NDArray[np.int64],
        first_row: int,
        numbers: NDArray[np.int32],
        heads: NDArray[np.intp],
        tails: NDArray[np.intp],
        counts: NDArray[np.int64],
        masks: NDArray[np.uint8],
    ) -> None:
        columns = self._columns
        known = columns.frames[numbers] > 0
        since = np.where(known, columns.place_ns[numbers], place_ns[heads])
        steps = np.where(known, counts, counts - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            columns.every_ns[numbers] = (place_ns[tails] - since) / steps
        columns.frames[numbers] += counts
        columns.row[numbers] = first_row + tails
        columns.place_ns[numbers] = place_ns[tails]
        columns.time_ns[numbers] = block.time_ns[tails]
        named = np.array([self.channels.index(name) for name in block.channels] or [0], np.int16)
        columns.channel[numbers] = named[block.channel[tails]]
        columns.id[numbers] = block.id[tails]
        columns.flags[numbers] = block.flags[tails]
        columns.length[numbers] = block.length[tails]
        columns.data[numbers] = 0
        columns.data[numbers, : block.data.shape[1]] = block.data[tails]
        columns.mask[numbers] = 0
        columns.mask[numbers, : masks.shape[1]] = masks[tails]


@dataclass(frozen=True, slots=True)
class _Columns:
    """One row a kind."""

    frames: NDArray[np.int64]
    row: NDArray[np.int64]
    place_ns: NDArray[np.int64]
    every_ns: NDArray[np.float64]
    time_ns: NDArray[np.int64]
    channel: NDArray[np.int16]
    id: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    length: NDArray[np.uint8]
    data: NDArray[np.uint8]
    mask: NDArray[np.uint8]

    @staticmethod
    def of(count: int) -> _Columns:
        def none(kind: Any, *width: int) -> NDArray[Any]:
            return np.zeros((count, *width), kind)

        return _Columns(
            none(np.int64), none(np.int64), none(np.int64), none(np.float64), none(np.int64),
            none(np.int16), none(np.uint32), none(np.uint8), none(np.uint8),
            none(np.uint8, _WIDEST), none(np.uint8, _WIDEST // 8),
        )  # fmt: skip

    def only(self, rows: NDArray[np.intp]) -> _Columns:
        """Return a copy of some rows."""
        return _Columns(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def doubled(self) -> _Columns:
        more = _Columns.of(len(self.row))
        return _Columns(
            *(
                np.concatenate([getattr(self, name), getattr(more, name)])
                for name in self.__dataclass_fields__
            )
        )


def every_s(every_ns: float) -> float | None:
    """Return a period in seconds; None where it is not known."""
    return every_ns / NANOSECONDS if np.isfinite(every_ns) else None


def bits_of(mask: NDArray[np.uint8], size: int) -> Sequence[bool]:
    """Return the bits of a mask for the bytes of one frame."""
    return [bool(bit) for bit in np.unpackbits(mask)[:size]]


def wanted_numbers(wanted: Collection[int], count: int) -> NDArray[np.bool_]:
    """Return which numbers are wanted; the last entry stands for what was forgotten."""
    flags = np.zeros(count + 1, bool)
    flags[list(wanted)] = True
    flags[count] = len(wanted) == count
    return flags
