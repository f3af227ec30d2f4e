"""Reads an archive in the order of its source: columns at once, data and kept text on request."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from evdiag.inputs import BusEvent, Frame
from evdiag.inputs.piece import Chosen, Piece
from evdiag.recordings.columns.memory import keep_freed_memory
from evdiag.recordings.parquet.archive import open_archive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from evdiag.recordings.parquet.facts import ArchiveFacts
    from evdiag.recordings.parquet.windows import Window
    from evdiag.recordings.report import ReadReport
    from evdiag.recordings.source import Source

_ROWS_A_PIECE: Final = 1 << 15

_NO_TIME: Final = Frame(1 << 128, 0, 0, False, b"")
"""Stands for a frame of the source whose stamp is no time, in any unit: counted, never shown."""


def archive_columns(source: Source, report: ReadReport) -> Iterator[Piece | Frame | BusEvent]:
    """Yield what the source's own reader yielded, in its order, with the stamps of the source.

    `report` is told what that reader reported.

    Raises:
        BadInputError: the archive is damaged.
    """
    keep_freed_memory()
    with open_archive(source) as archive:
        facts = archive.facts
        report.encoding = facts.encoding if facts.is_text else None
        report.byte_order_mark = facts.byte_order_mark
        report.had_nuls = facts.had_nuls
        facts.readings.repeat(report)
        yield from _with_others(archive.windows(), facts)


def archive_items(source: Source, report: ReadReport) -> Iterator[Frame | BusEvent]:
    """Yield the same as `archive_columns`, frame by frame.

    Raises:
        BadInputError: the archive is damaged.
    """
    for item in archive_columns(source, report):
        if isinstance(item, Piece):
            yield from item.block().frames()
        else:
            yield item


def _with_others(
    found: Iterator[Window], facts: ArchiveFacts
) -> Iterator[Piece | Frame | BusEvent]:
    """Put what is no frame of the table back where it was."""
    others: list[tuple[int, Frame | BusEvent]] = [*facts.events]
    others += [(place, _NO_TIME) for place in facts.impossible]
    others.sort(key=lambda other: other[0], reverse=True)
    for window in found:
        first = window.first
        while first < window.end:
            end = min(first + _ROWS_A_PIECE, window.end)
            while others and others[-1][0] <= first:
                yield others.pop()[1]
            if others:
                end = min(end, others[-1][0])
            yield piece_of(window, facts, slice(first - window.first, end - window.first))
            first = end
    while others:
        yield others.pop()[1]


def piece_of(window: Window, facts: ArchiveFacts, rows: slice) -> Piece:
    """Return rows of a window, whose data are read where they are asked for."""
    return Piece(
        facts.channels,
        window.stamp_ns[rows],
        window.channel[rows],
        window.id[rows],
        window.flags[rows],
        window.length[rows],
        partial(_data, window, rows.start, rows.stop),
    )


def _data(window: Window, first: int, end: int, chosen: Chosen) -> NDArray[np.uint8]:
    if isinstance(chosen, slice):
        start, stop, step = chosen.indices(end - first)
        if step == 1:
            return window.data(slice(first + start, first + max(start, stop)))
        chosen = np.arange(start, stop, step)
    return window.data(np.asarray(chosen) + first)
