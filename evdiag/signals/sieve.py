"""Takes a recording piece by piece and keeps the rows that can matter to a watch list.

Most rows of a recording say again what was said before. What is kept is an `Excerpt`: its events
are those of the whole recording (a property test holds that), and it is small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Channel, FrameKey
from evdiag.inputs.block import REMOTE, TX, Block
from evdiag.inputs.joining import Joiner
from evdiag.inputs.piece import Piece
from evdiag.inputs.slots import Slots
from evdiag.signals.events import CLOCK_JUMP_NS, SILENCE_NS
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.repeats import Carried, Repeats
from evdiag.signals.replies import Replies
from evdiag.signals.timebase import Timebase
from evdiag.signals.watch import Watch

_OTHER, _WATCHED, _WHOLE, _NO_ID = range(4)
_FIRST_BYTES = (1 << 64) - 1
_ROWS_AT_ONCE = 1 << 14
Places = NDArray[np.intp]


class _Waiting(NamedTuple):
    """Rows of one piece that may be kept, as parallel columns.

    `must` marks those that are kept whatever they carry, `begins` those at which an epoch does.
    """

    block: Block
    slots: Slots
    stream_ns: NDArray[np.int64]
    before_ns: NDArray[np.int64]
    epochs: NDArray[np.int64]
    begins: NDArray[np.bool_]
    must: NDArray[np.bool_]


class Sieve:
    """Keeps, of the rows of `watched` ids, those at which the data watched change or pause.

    `watched` says which bits of the first eight bytes are looked at, the first byte lowest. The
    rows of `whole` ids are kept all: diagnostic ones, which do not show that a bus is awake, and
    those that are to be counted. What the recording computer sent by itself shows nothing either,
    unless it is watched. Rows are looked at `rows_at_once`, or some more.
    """

    def __init__(
        self,
        watched: Mapping[FrameKey, int],
        whole: Set[FrameKey] = frozenset(),
        *,
        rows_at_once: int = _ROWS_AT_ONCE,
    ) -> None:
        self._watched = watched
        self._whole = whole
        self._rows_at_once = rows_at_once
        self._kinds = np.array([_NO_ID], np.uint8)
        self._masks = np.zeros(1, np.uint64)
        self._repeats = Repeats()
        self._high_ns: int | None = None
        self._epoch = 0
        self._waiting: list[_Waiting] = []
        self._rows_waiting = 0
        self._kept = Joiner()
        self._stream_ns: list[NDArray[np.int64]] = []
        self._before_ns: list[NDArray[np.int64]] = []
        self._goes_on: list[NDArray[np.bool_]] = []
        self._epoch_starts: list[int] = []

    @staticmethod
    def of(
        watches: Iterable[Watch],
        whole: Set[FrameKey] = frozenset(),
        *,
        rows_at_once: int = _ROWS_AT_ONCE,
    ) -> Sieve:
        """Return a sieve for a car that may turn out to be watched in any of these ways."""
        watched: dict[FrameKey, int] = {}
        diagnostic: set[FrameKey] = set()
        for watch in watches:
            diagnostic |= {key for _, key in Replies(watch).frames}
            for (_, key), indices in watch.by_frame().items():
                for index in indices:
                    bits = watch.signals[index].signal.looked_at & _FIRST_BYTES
                    watched[key] = watched.get(key, 0) | bits
        return Sieve(watched, whole | diagnostic, rows_at_once=rows_at_once)

    def take(self, piece: Piece, slots: Slots, keys: Sequence[tuple[Channel, FrameKey]]) -> None:
        """Take the next piece; `slots` says of each row which of `keys` it has, -1 for none."""
        if not len(piece):
            return
        self._learn(keys)
        high_ns = int(piece.time_ns[0]) if self._high_ns is None else self._high_ns
        stream_ns, starts = self._stream(piece.time_ns, high_ns)
        kinds = self._kinds.take(slots)
        must = np.zeros(len(piece), np.bool_)
        must[[0, -1, *starts, *(start - 1 for start in starts if start)]] = True
        begins = np.zeros(len(piece), np.bool_)
        epochs = np.full(len(piece), self._epoch)
        if starts:
            begins[starts] = True
            epochs += np.cumsum(begins)
        for heard in _heard(piece, kinds, stream_ns, epochs):
            must[heard] = True
        rows = np.flatnonzero(must | (kinds == _WATCHED) | (kinds == _WHOLE))
        before_ns = stream_ns[rows - 1]
        if not rows[0]:
            before_ns[0] = high_ns
        self._waiting.append(
            _Waiting(
                piece.block(rows),
                slots[rows],
                stream_ns[rows],
                before_ns,
                epochs[rows],
                begins[rows],
                must[rows],
            )
        )
        self._rows_waiting += len(rows)
        self._high_ns = int(stream_ns[-1])
        self._epoch += len(starts)
        if self._rows_waiting >= self._rows_at_once:
            self._settle()

    def excerpt(self) -> Excerpt:
        """Return what was kept."""
        self._settle()
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
        masks = [self._watched.get(key, 0) for _, key in keys[known:]]
        self._masks = np.concatenate(
            [self._masks[:-1], np.array(masks, np.uint64), self._masks[-1:]]
        )
        self._repeats.make_room(len(keys))

    def _stream(
        self, time_ns: NDArray[np.int64], high_ns: int
    ) -> tuple[NDArray[np.int64], list[int]]:
        """Return stream time at each row, and the rows at which an epoch begins."""
        starts = [0] if self._high_ns is None else []
        rising = int(time_ns[0]) >= high_ns and bool((time_ns[1:] >= time_ns[:-1]).all())
        if rising:
            return time_ns, starts
        stream_ns = np.maximum.accumulate(np.append(high_ns, time_ns))[1:]
        if (time_ns < stream_ns - CLOCK_JUMP_NS).any():
            return _by_epochs(time_ns, high_ns, starts)
        return stream_ns, starts

    def _settle(self) -> None:
        """Keep, of the rows that wait, those that say something new."""
        if not self._waiting:
            return
        blocks, *columns = zip(*self._waiting, strict=True)
        self._waiting.clear()
        self._rows_waiting = 0
        block = Block.concatenate(blocks)
        slots, stream_ns, before_ns, epochs, begins, must = map(np.concatenate, columns)
        goes_on = np.zeros(len(block), np.bool_)
        dropped = np.zeros(len(block), np.bool_)
        watched = (self._kinds.take(slots) == _WATCHED) & ((block.flags & REMOTE) == 0)
        rows = np.flatnonzero(watched)
        first_bytes = np.ascontiguousarray(block.data[rows, :8]).view("<u8")[:, 0]
        carried = Carried(
            first_bytes & self._masks.take(slots[rows]),
            block.length[rows].astype(np.int64),
            stream_ns[rows],
            epochs[rows],
        )
        goes_on[rows], dropped[rows] = self._repeats.find(slots[rows], carried)
        # What this computer sent does not show a bus awake: such rows are no part of `_heard`.
        dropped &= ~must & ((block.flags & TX) == 0)
        kept = np.flatnonzero(~dropped)
        self._epoch_starts += (self._kept.rows + np.flatnonzero(begins[kept])).tolist()
        self._kept.add(block.rows(kept))
        self._stream_ns.append(stream_ns[kept])
        self._before_ns.append(before_ns[kept])
        self._goes_on.append(goes_on[kept])


def _heard(
    piece: Piece,
    kinds: NDArray[np.uint8],
    stream_ns: NDArray[np.int64],
    epochs: NDArray[np.int64],
) -> Iterator[Places]:
    """Yield rows that show each channel awake, so close that none seems silent that is not.

    Those are the first and the last of every half second of every epoch.
    """
    silent = kinds >= _WHOLE if kinds.max() >= _WHOLE else None
    own = piece.flags & TX
    if own.any():
        silent = own != 0 if silent is None else silent | (own != 0)
    if len(piece.channels) == 1 and silent is None:
        yield _edges(stream_ns, epochs)
        return
    for number in range(len(piece.channels)):
        here = piece.channel == number
        rows = np.flatnonzero(here if silent is None else here & ~silent)
        if len(rows):
            yield rows[_edges(stream_ns[rows], epochs[rows])]


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


def _edges(stream_ns: NDArray[np.int64], epochs: NDArray[np.int64]) -> Places:
    """Return the first and the last row of every half second of every epoch."""
    first, last = int(stream_ns[0]) // SILENCE_NS, int(stream_ns[-1]) // SILENCE_NS
    if epochs[0] == epochs[-1] and last - first < len(stream_ns):
        # Within an epoch stream time only rises: few halves are found faster than rows divided.
        begun = np.searchsorted(stream_ns, np.arange(first + 1, last + 1) * SILENCE_NS)
    else:
        halves = stream_ns // SILENCE_NS
        begun = np.flatnonzero((halves[1:] != halves[:-1]) | (epochs[1:] != epochs[:-1])) + 1
    return np.concatenate([[0, len(stream_ns) - 1], begun - 1, begun])
