"""The frames of pieces, counted as `ReadReport.add` counts them one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.block import ERROR, REMOTE
from evdiag.inputs.piece import Piece
from evdiag.inputs.slots import NO_SLOT, slot_by_slot
from evdiag.recordings.columns.slot_table import SlotTable
from evdiag.recordings.report import STEPS_KEPT, IdStatistics

if TYPE_CHECKING:
    from evdiag.inputs import Channel, FrameKey
    from evdiag.inputs.slots import Slots
    from evdiag.recordings.report import ReadReport

_LENGTHS: Final = 65
_SHORT_LENGTHS: Final = 16


@dataclass(frozen=True, slots=True)
class CountedPiece:
    """A piece, and the slot of each of its rows."""

    piece: Piece
    slots: Slots

    def __len__(self) -> int:
        return len(self.slots)


class Counter:
    """Counts frames into a report.

    Every id on every channel has a slot, an index into columns of totals; `keys` names the slots.
    The report's statistics are brought up to date when somebody asks for them.
    """

    def __init__(self, report: ReadReport) -> None:
        self.keys: list[tuple[Channel, FrameKey]] = []
        self._report = report
        self._statistics: list[IdStatistics] = []
        self._is_ahead = False
        self._slots: dict[tuple[Channel, FrameKey], int] = {}
        self._table = SlotTable()
        self._frames = np.zeros(0, np.int64)
        self._last_ns = np.zeros(0, np.int64)
        self._lengths = np.zeros((0, _LENGTHS), np.bool_)
        self._wants_steps = np.zeros(0, np.bool_)

    def count(self, piece: Piece) -> CountedPiece:
        """Count all frames of a piece."""
        report = self._report
        if not len(piece):
            return CountedPiece(piece, np.empty(0, np.intp))
        self._take_over()
        report.frames += len(piece)
        if report.first_ns is None:
            report.first_ns = int(piece.time_ns[0])
        report.last_ns = int(piece.time_ns[-1])
        _count_channels(report, piece)
        remote = _count_kinds(report, piece)
        slots = self._slots_of(piece)
        lengths = piece.length if remote is None else np.where(remote, np.uint8(0), piece.length)
        times_ns = piece.time_ns
        counted = slots
        if report.error_frames and (slots == NO_SLOT).any():
            readable = np.flatnonzero(slots != NO_SLOT)
            counted, lengths, times_ns = slots[readable], lengths[readable], times_ns[readable]
        if len(counted):
            self._count_ids(counted, lengths, times_ns)
        return CountedPiece(piece, slots)

    def counted_before(self, piece: Piece) -> CountedPiece:
        """Return the slots of frames that were added to the report one by one."""
        self._take_over()
        return CountedPiece(piece, self._slots_of(piece))

    def settle(self) -> None:
        """Bring the report's statistics of ids up to date."""
        if not self._is_ahead:
            return
        self._is_ahead = False
        totals = zip(
            self._statistics, self._frames.tolist(), self._last_ns.tolist(), self._lengths,
            strict=True,
        )  # fmt: skip
        for statistics, frames, last_ns, lengths in totals:
            statistics.frames = frames
            statistics.last_ns = last_ns
            statistics.lengths.update(np.flatnonzero(lengths).tolist())

    def _take_over(self) -> None:
        """Go on from the report, to which frames may have been added one by one."""
        if self._is_ahead:
            return
        for (channel, key), statistics in self._report.ids.items():
            if (channel, key) not in self._slots:
                self._add_slot(channel, key, statistics)
        self._make_room()
        for slot, statistics in enumerate(self._statistics):
            self._frames[slot] = statistics.frames
            self._last_ns[slot] = statistics.last_ns
            self._lengths[slot, list(statistics.lengths)] = True
            self._wants_steps[slot] = len(statistics.steps_ns) < STEPS_KEPT
        self._report.before_asking(self.settle)
        self._is_ahead = True

    # -- slots -------------------------------------------------------------------------------

    def _slots_of(self, piece: Piece) -> Slots:
        slots = self._table.find(piece)
        unknown = np.flatnonzero(slots == NO_SLOT)
        if len(unknown):
            unknown = unknown[(piece.flags[unknown] & ERROR) == 0]
        if not len(unknown):
            return slots
        names = piece.channel[unknown].astype(np.int64) << 32 | piece.keys[unknown]
        values, firsts, inverse = np.unique(names, return_index=True, return_inverse=True)
        numbers = np.empty(len(values), np.intp)
        for place in np.argsort(firsts).tolist():
            value = int(values[place])
            channel, key = piece.channels[value >> 32], value & 0xFFFF_FFFF
            if (channel, key) not in self._slots:
                first_ns = int(piece.time_ns[unknown[firsts[place]]])
                statistics = IdStatistics(first_ns=first_ns, last_ns=first_ns)
                self._report.add_id(channel, key, statistics)
                self._add_slot(channel, key, statistics)
            numbers[place] = self._slots[channel, key]
        self._make_room()
        slots[unknown] = numbers[inverse]
        return slots

    def _add_slot(self, channel: Channel, key: FrameKey, statistics: IdStatistics) -> None:
        self._slots[channel, key] = len(self.keys)
        self.keys.append((channel, key))
        self._statistics.append(statistics)
        self._table.add(channel, key)

    def _make_room(self) -> None:
        more = len(self.keys) - len(self._frames)
        if more <= 0:
            return
        new = self._statistics[-more:]
        self._frames = np.append(self._frames, np.zeros(more, np.int64))
        self._last_ns = np.append(self._last_ns, [one.last_ns for one in new])
        self._lengths = np.append(self._lengths, np.zeros((more, _LENGTHS), np.bool_), axis=0)
        self._wants_steps = np.append(self._wants_steps, np.ones(more, np.bool_))

    # -- totals ------------------------------------------------------------------------------

    def _count_ids(
        self, slots: Slots, lengths: NDArray[np.uint8], times_ns: NDArray[np.int64]
    ) -> None:
        if self._wants_steps.any():
            self._add_steps(slots, times_ns)
        width = _SHORT_LENGTHS if lengths.max() < _SHORT_LENGTHS else _LENGTHS
        places = slots * width + lengths
        seen = np.bincount(places, minlength=len(self.keys) * width).reshape(-1, width)
        self._frames += seen.sum(axis=1)
        self._lengths[:, :width] |= seen > 0
        # Of a slot that comes again and again, the last stamp stays.
        self._last_ns[slots] = times_ns

    def _add_steps(self, slots: Slots, times_ns: NDArray[np.int64]) -> None:
        """Keep the first distances of neighbours, of the slots that have not enough of them."""
        rows = np.flatnonzero(self._wants_steps[slots])
        if not len(rows):
            return
        rows = rows[slot_by_slot(slots[rows])]
        mine, stamps_ns = slots[rows], times_ns[rows]
        firsts = np.flatnonzero(np.append(True, mine[1:] != mine[:-1]))
        before_ns = np.append(0, stamps_ns[:-1])
        # Of a new id, the first stamp is in it already.
        before_ns[firsts] = self._last_ns[mine[firsts]]
        steps_ns = stamps_ns - before_ns
        rising = steps_ns > 0
        counts = np.add.reduceat(rising, firsts, dtype=np.intp).tolist()
        kept_ns = steps_ns[rising].tolist()
        end = 0
        for slot, count in zip(mine[firsts].tolist(), counts, strict=True):
            steps = self._statistics[slot].steps_ns
            first, end = end, end + count
            steps += kept_ns[first : min(end, first + STEPS_KEPT - len(steps))]
            self._wants_steps[slot] = len(steps) < STEPS_KEPT


def _count_channels(report: ReadReport, piece: Piece) -> None:
    """Count the frames of each channel; new ones are listed in the order of their first frames."""
    if len(piece.channels) == 1:
        (channel,) = piece.channels
        report.channels[channel] = report.channels.get(channel, 0) + len(piece)
        return
    counts = np.bincount(piece.channel, minlength=len(piece.channels)).tolist()
    here = [number for number, frames in enumerate(counts) if frames]
    if any(piece.channels[number] not in report.channels for number in here):
        here.sort(key=lambda number: int(np.argmax(piece.channel == number)))
    for number in here:
        channel = piece.channels[number]
        report.channels[channel] = report.channels.get(channel, 0) + counts[number]


def _count_kinds(report: ReadReport, piece: Piece) -> NDArray[np.bool_] | None:
    """Count error and remote frames; return which frames are remote, None where none is."""
    kinds = piece.flags & (ERROR | REMOTE)
    if not kinds.any():
        return None
    report.error_frames += int(np.count_nonzero(kinds & ERROR))
    report.remote_frames += int(np.count_nonzero(kinds == REMOTE))
    remote: NDArray[np.bool_] = (kinds & REMOTE) != 0
    return remote
