"""Takes a recording piece by piece and keeps the rows that can matter to a watch list.

Most rows of a recording say again what was said before. What is kept is an `Excerpt`: its events
are those of the whole recording (a property test holds that), and it is small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Channel, FrameKey
from evdiag.inputs.block import REMOTE, TX
from evdiag.inputs.joining import Joiner
from evdiag.inputs.piece import Piece
from evdiag.signals.events import CLOCK_JUMP_NS, SILENCE_NS
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.replies import Replies
from evdiag.signals.timebase import Timebase
from evdiag.signals.watch import Watch

_OTHER, _WATCHED, _WHOLE, _NO_ID = range(4)
_BYTES_LOOKED_AT = 8
_FIRST_BYTES = (1 << 8 * _BYTES_LOOKED_AT) - 1
Slots = NDArray[np.int32]
Places = NDArray[np.intp]


class _Carried(NamedTuple):
    """What rows carried, in parallel columns, and the number of the epoch in which they did."""

    data: NDArray[np.uint64]
    lengths: NDArray[np.int64]
    times_ns: NDArray[np.int64]
    epochs: NDArray[np.int64]

    def rows(self, chosen: slice | Places | Slots) -> _Carried:
        columns: tuple[Any, ...] = self
        return _Carried(*(column[chosen] for column in columns))

    def go_on(self, before: _Carried) -> NDArray[np.bool_]:
        """Tell which rows say soon what the row in `before` did."""
        same: NDArray[np.bool_] = (self.data == before.data) & (self.lengths == before.lengths)
        same &= self.times_ns - before.times_ns <= SILENCE_NS
        same &= self.epochs == before.epochs
        return same


class Sieve:
    """Keeps, of the rows of `watched` ids, those at which the data watched change or pause.

    `watched` says which bits of the first eight bytes are looked at, the first byte lowest. The
    rows of `whole` ids are kept all: diagnostic ones, which do not show that a bus is awake, and
    those that are to be counted. What the recording computer sent by itself shows nothing either,
    unless it is watched.
    """

    def __init__(self, watched: Mapping[FrameKey, int], whole: Set[FrameKey] = frozenset()) -> None:
        self._watched = watched
        self._whole = whole
        self._kinds = np.array([_NO_ID], np.uint8)
        self._is_wanted = np.array([False])
        self._masks = np.empty(0, np.uint64)
        self._last = _LastRows()
        self._rows = 0
        self._high_ns = 0
        self._epoch = 0
        self._kept = Joiner()
        self._stream_ns: list[NDArray[np.int64]] = []
        self._before_ns: list[NDArray[np.int64]] = []
        self._goes_on: list[NDArray[np.bool_]] = []
        self._epoch_starts: list[int] = []

    @staticmethod
    def of(watches: Iterable[Watch], whole: Set[FrameKey] = frozenset()) -> Sieve:
        """Return a sieve for a car that may turn out to be watched in any of these ways."""
        watched: dict[FrameKey, int] = {}
        diagnostic: set[FrameKey] = set()
        for watch in watches:
            diagnostic |= {key for _, key in Replies(watch).frames}
            for (_, key), indices in watch.by_frame().items():
                for index in indices:
                    bits = watch.signals[index].signal.looked_at & _FIRST_BYTES
                    watched[key] = watched.get(key, 0) | bits
        return Sieve(watched, whole | diagnostic)

    def take(self, piece: Piece, slots: Slots, keys: Sequence[tuple[Channel, FrameKey]]) -> None:
        """Take the next piece; `slots` says of each row which of `keys` it has, -1 for none."""
        if not len(piece):
            return
        self._learn(keys)
        stream_ns, starts = self._stream(piece.time_ns)
        kinds = self._kinds[slots]
        wanted = np.flatnonzero(self._is_wanted[slots])
        silent = kinds >= _WHOLE if kinds.max() >= _WHOLE else None
        own = piece.flags & TX
        if own.any():
            silent = own != 0 if silent is None else silent | (own != 0)
        changed, going_on = self._changes(piece, slots, kinds, wanted, stream_ns, starts)
        ends = [0, len(piece) - 1, *starts, *(start - 1 for start in starts if start)]
        parts = [np.array(ends, np.intp), changed, *self._heard(piece, silent, stream_ns)]
        self._keep(piece, _each_once(np.concatenate(parts)), stream_ns, starts, going_on)

    def excerpt(self) -> Excerpt:
        """Return what was kept."""
        block = self._kept.whole()
        if not len(block):
            return Excerpt.whole(block)
        timebase = Timebase(np.concatenate(self._stream_ns), tuple(self._epoch_starts))
        before_ns = np.concatenate(self._before_ns)
        return Excerpt(block, timebase, before_ns, np.concatenate(self._goes_on))

    def _learn(self, keys: Sequence[tuple[Channel, FrameKey]]) -> None:
        known = len(self._kinds) - 1
        if len(keys) == known:
            return
        new = [
            _WHOLE if key in self._whole else _WATCHED if key in self._watched else _OTHER
            for _, key in keys[known:]
        ]
        # The last one is that of rows without an id, whose slot is -1.
        self._kinds = np.concatenate([self._kinds[:-1], np.array(new, np.uint8), self._kinds[-1:]])
        self._is_wanted = (self._kinds == _WATCHED) | (self._kinds == _WHOLE)
        masks = [self._watched.get(key, 0) for _, key in keys[known:]]
        self._masks = np.append(self._masks, np.array(masks, np.uint64))
        self._last.make_room(len(keys))

    def _stream(self, time_ns: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[int]]:
        """Return stream time at each row, and the rows at which an epoch begins."""
        if not self._rows:
            self._high_ns = int(time_ns[0])
        starts = [] if self._rows else [0]
        rising = int(time_ns[0]) >= self._high_ns and bool((time_ns[1:] >= time_ns[:-1]).all())
        if rising:
            return time_ns, starts
        stream_ns = np.maximum.accumulate(np.append(self._high_ns, time_ns))[1:]
        if (time_ns < stream_ns - CLOCK_JUMP_NS).any():
            return _by_epochs(time_ns, self._high_ns, starts)
        return stream_ns, starts

    def _changes(
        self,
        piece: Piece,
        slots: Slots,
        kinds: NDArray[np.uint8],
        wanted: Places,
        stream_ns: NDArray[np.int64],
        starts: list[int],
    ) -> tuple[Places, Places]:
        """Return the rows to keep of those `wanted`, and which go on from one before them."""
        carry = (kinds[wanted] == _WATCHED) & ((piece.flags[wanted] & REMOTE) == 0)
        rows = wanted[carry]
        if not len(rows):
            return wanted, np.empty(0, np.intp)
        rows = rows[np.argsort(slots[rows], kind="stable")]
        slot = slots[rows]
        data = piece.read_data(rows)
        if data.shape[1] != _BYTES_LOOKED_AT:
            # CAN FD: too rare in what is watched to be worth looking at closely.
            self._last.set(slot, _carried(len(slot)))
            return wanted, np.empty(0, np.intp)
        epochs = self._epoch + np.searchsorted(np.array(starts, np.intp), rows, side="right")
        carried = _Carried(
            np.ascontiguousarray(data).view("<u8")[:, 0] & self._masks[slot],
            piece.length[rows].astype(np.int64),
            stream_ns[rows],
            epochs,
        )
        firsts = np.flatnonzero(np.append(True, slot[1:] != slot[:-1]))
        lasts = np.append(firsts[1:], len(rows)) - 1
        goes_on = np.zeros(len(rows), np.bool_)
        goes_on[1:] = carried.rows(slice(1, None)).go_on(carried.rows(slice(-1)))
        goes_on[firsts] = carried.rows(firsts).go_on(self._last.of(slot[firsts]))
        ends = np.append(~goes_on[1:], True)
        ends[lasts] = True
        self._last.set(slot[lasts], carried.rows(lasts))
        # What this computer sent does not show a bus awake: such rows are no part of `_heard`.
        dropped = goes_on & ~ends & ((piece.flags[rows] & TX) == 0)
        return np.concatenate([wanted[~carry], rows[~dropped]]), rows[goes_on]

    def _heard(
        self, piece: Piece, silent: NDArray[np.bool_] | None, stream_ns: NDArray[np.int64]
    ) -> list[Places]:
        """Return rows that show each channel awake, so close that none seems silent that is not.

        Those are the first and the last of every half second.
        """
        if len(piece.channels) == 1 and silent is None:
            return [_edges(stream_ns)]
        found = []
        for number in range(len(piece.channels)):
            here = piece.channel == number
            rows = np.flatnonzero(here if silent is None else here & ~silent)
            if len(rows):
                found.append(rows[_edges(stream_ns[rows])])
        return found

    def _keep(
        self,
        piece: Piece,
        rows: Places,
        stream_ns: NDArray[np.int64],
        starts: list[int],
        going_on: Places,
    ) -> None:
        base = self._kept.rows
        before_ns = np.append(self._high_ns, stream_ns[:-1])
        self._epoch_starts += (base + np.searchsorted(rows, starts)).tolist()
        self._kept.add(piece.block(rows))
        self._stream_ns.append(stream_ns[rows])
        self._before_ns.append(before_ns[rows])
        goes_on = np.zeros(len(piece), np.bool_)
        goes_on[going_on] = True
        self._goes_on.append(goes_on[rows])
        self._high_ns = int(stream_ns[-1])
        self._rows += len(piece)
        self._epoch += len(starts)


class _LastRows:
    """What the last row of each slot carried, and when."""

    def __init__(self) -> None:
        self._columns: _Carried = _carried(0)

    def make_room(self, slots: int) -> None:
        """Make room for so many slots."""
        more = _carried(slots - len(self._columns.epochs))
        pairs = zip(self._columns, more, strict=True)
        self._columns = _Carried(*(np.concatenate(pair) for pair in pairs))

    def of(self, slots: Slots) -> _Carried:
        """Return the last rows of slots, in the order of these."""
        return self._columns.rows(slots)

    def set(self, slots: Slots, carried: _Carried) -> None:
        """Take new last rows, one for each of the slots."""
        for column, new in zip(self._columns, carried, strict=True):
            column[slots] = new


def _carried(rows: int) -> _Carried:
    """Return rows of no epoch, which nothing goes on from."""
    zeros = np.zeros(rows, np.int64)
    return _Carried(zeros.view(np.uint64), zeros.copy(), zeros.copy(), zeros - 1)


def _by_epochs(
    time_ns: NDArray[np.int64], high_ns: int, starts: list[int]
) -> tuple[NDArray[np.int64], list[int]]:
    """Return stream time and the rows at which an epoch begins, where one does."""
    latest = high_ns
    for row, stamp in enumerate(time_ns.tolist()):
        if stamp < latest - CLOCK_JUMP_NS:
            starts.append(row)
            latest = stamp
        elif stamp > latest:
            latest = stamp
    stream_ns = time_ns.copy()
    stream_ns[0] = max(stream_ns[0], high_ns) if 0 not in starts else stream_ns[0]
    for first, end in pairwise([0, *(start for start in starts if start), len(time_ns)]):
        np.maximum.accumulate(stream_ns[first:end], out=stream_ns[first:end])
    return stream_ns, starts


def _edges(stream_ns: NDArray[np.int64]) -> Places:
    """Return the first and the last row of every half second."""
    halves = stream_ns // SILENCE_NS
    changes = np.flatnonzero(halves[1:] != halves[:-1])
    return np.concatenate([[0, len(stream_ns) - 1], changes, changes + 1])


def _each_once(rows: Places) -> Places:
    """Return rows in order, each once (`np.unique` would import masked arrays for nothing)."""
    rows = np.sort(rows)
    once: Places = rows[np.append(True, rows[1:] != rows[:-1])]
    return once
