"""Reads a recording with care and in columns, so that a test can hold them equal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from evdiag.inputs import Block, BusEvent, Frame
from evdiag.inputs.piece import Piece
from evdiag.recordings import Recording
from evdiag.recordings.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from evdiag.recordings.formats import Format
    from evdiag.recordings.report import ReadReport
    from evdiag.recordings.stamps import TimeUnit

Read = tuple[list[Frame | BusEvent], "ReadReport", list[object], list[object]]


def careful(path: Path, form: Format, unit: TimeUnit | None = None) -> Read:
    """Read item by item."""
    recording = Recording(Source(path), form, unit)
    return _with_orders(list(recording), recording.report)


def in_items(path: Path, form: Format, unit: TimeUnit | None = None, **options: Any) -> Read:
    """Read in columns, which are then taken apart: events stay in their places."""
    assert form.read_columns is not None
    columns = partial(form.read_columns, **options)
    one_by_one = form._replace(read=lambda source, report: taken_apart(columns, source, report))
    return careful(path, one_by_one, unit)


def in_blocks(path: Path, form: Format, unit: TimeUnit | None = None, **options: Any) -> Read:
    """Read in columns, as they are counted and handed on."""
    assert form.read_columns is not None
    form = form._replace(read_columns=partial(form.read_columns, **options))
    recording = Recording(Source(path), form, unit)
    blocks = list(recording.blocks())
    assert tuple(recording.report.channels) == Block.concatenate(blocks).channels
    frames: list[Frame | BusEvent] = [frame for block in blocks for frame in block.frames()]
    return _with_orders(frames, recording.report)


def frames_only(read: Read) -> Read:
    """Leave out the events, which blocks do not hold."""
    return ([item for item in read[0] if isinstance(item, Frame)], *read[1:])


def taken_apart(
    columns: Callable[..., Iterator[Piece | Frame | BusEvent]], source: Source, report: ReadReport
) -> Iterator[Frame | BusEvent]:
    """Yield the frames and events of pieces one by one."""
    for item in columns(source, report):
        if isinstance(item, Piece):
            assert len(item)
            yield from item.block().frames()
        else:
            yield item


def _with_orders(items: list[Frame | BusEvent], report: ReadReport) -> Read:
    """The orders in which channels and ids were met are shown to people, too."""
    return items, report, list(report.channels), list(report.ids)
