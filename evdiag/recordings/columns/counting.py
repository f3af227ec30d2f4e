"""A piece's frames, counted as `ReadReport.add` counts them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.block import ERROR, REMOTE
from evdiag.recordings.report import STEPS_KEPT, IdStatistics

if TYPE_CHECKING:
    from evdiag.recordings.columns.piece import Piece
    from evdiag.recordings.report import ReadReport

_LENGTHS = 65


class _Groups(NamedTuple):
    """The rows of a piece by channel and id: those of group k are `rows[edges[k]:edges[k + 1]]`."""

    rows: NDArray[np.intp]
    edges: NDArray[np.intp]


def count_piece(report: ReadReport, piece: Piece) -> None:
    """Count all frames of a piece."""
    if not len(piece):
        return
    report.frames += len(piece)
    if report.first_ns is None:
        report.first_ns = int(piece.time_ns[0])
    report.last_ns = int(piece.time_ns[-1])
    _count_channels(report, piece)
    report.error_frames += int(np.count_nonzero(piece.flags & ERROR))
    remote = (piece.flags & REMOTE) != 0
    readable = (piece.flags & ERROR) == 0
    report.remote_frames += int(np.count_nonzero(remote & readable))
    if readable.any():
        _count_ids(report, piece, _grouped(piece, np.flatnonzero(readable)), remote)


def _count_channels(report: ReadReport, piece: Piece) -> None:
    """Count the frames of each channel; new ones are listed in the order of their first frames."""
    counts = np.bincount(piece.channel, minlength=len(piece.channels)).tolist()
    here = [number for number, frames in enumerate(counts) if frames]
    if any(piece.channels[number] not in report.channels for number in here):
        here.sort(key=lambda number: int(np.argmax(piece.channel == number)))
    for number in here:
        channel = piece.channels[number]
        report.channels[channel] = report.channels.get(channel, 0) + counts[number]


def _grouped(piece: Piece, rows: NDArray[np.intp]) -> _Groups:
    """Sort rows by channel and id, stable: by two bytes at a time, which takes no comparing."""
    keys = piece.keys
    low, high = keys.astype(np.uint16), (keys >> np.uint32(16)).astype(np.uint16)
    for part in (low, high, piece.channel):
        if (part != part[0]).any():
            rows = rows[np.argsort(part[rows], kind="stable")]
    changes = (np.diff(keys[rows]) != 0) | (np.diff(piece.channel[rows]) != 0)
    edges = np.concatenate([[0], np.flatnonzero(changes) + 1, [len(rows)]])
    return _Groups(rows, edges)


def _count_ids(
    report: ReadReport, piece: Piece, groups: _Groups, remote: NDArray[np.bool_]
) -> None:
    rows, edges = groups
    firsts, lasts = rows[edges[:-1]], rows[edges[1:] - 1]
    lengths = _lengths(groups, np.where(remote, 0, piece.length))
    columns = zip(
        firsts.tolist(),
        piece.channel[firsts].tolist(),
        piece.keys[firsts].tolist(),
        piece.time_ns[firsts].tolist(),
        piece.time_ns[lasts].tolist(),
        edges[:-1].tolist(),
        edges[1:].tolist(),
        lengths,
        strict=True,
    )
    for _, number, key, first_ns, last_ns, first, end, seen in sorted(columns):
        name = (piece.channels[number], key)
        statistics = report.ids.get(name)
        if statistics is None:
            statistics = report.ids[name] = IdStatistics(first_ns=first_ns, last_ns=first_ns)
        if len(statistics.steps_ns) < STEPS_KEPT:
            _add_steps(statistics, piece.time_ns[rows[first:end]])
        statistics.frames += end - first
        statistics.last_ns = last_ns
        statistics.lengths.update(seen)


def _lengths(groups: _Groups, lengths: NDArray[np.integer]) -> list[list[int]]:
    """Return the lengths of data that each group has."""
    count = len(groups.edges) - 1
    numbers = np.repeat(np.arange(count), np.diff(groups.edges))
    found = np.bincount(numbers * _LENGTHS + lengths[groups.rows], minlength=count * _LENGTHS)
    listed: list[list[int]] = [[] for _ in range(count)]
    for place in np.flatnonzero(found).tolist():
        listed[place // _LENGTHS].append(place % _LENGTHS)
    return listed


def _add_steps(statistics: IdStatistics, stamps_ns: NDArray[np.int64]) -> None:
    """Keep the first distances of neighbours; of a new id, the first stamp is in it already."""
    steps = np.diff(stamps_ns, prepend=statistics.last_ns)
    rising = steps[steps > 0]
    statistics.steps_ns += rising[: STEPS_KEPT - len(statistics.steps_ns)].tolist()
