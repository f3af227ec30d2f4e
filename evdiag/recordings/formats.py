"""Every format evdiag reads, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from evdiag.inputs import BusEvent, Frame
from evdiag.recordings import asc, candump, gvret
from evdiag.recordings.asc import read_asc
from evdiag.recordings.candump import read_candump
from evdiag.recordings.clock import MICROSECOND_COUNTER, Wrap
from evdiag.recordings.columns.candump_columns import candump_columns
from evdiag.recordings.dialect_reader import reader_of
from evdiag.recordings.dialects import DIALECTS
from evdiag.recordings.gvret import read_gvret
from evdiag.recordings.python_can import read_blf, read_mf4, read_sqlite
from evdiag.recordings.report import ReadReport
from evdiag.recordings.source import Source

if TYPE_CHECKING:
    from evdiag.recordings.columns.piece import Piece
    from evdiag.recordings.stamps import TimeUnit

Reader: TypeAlias = Callable[[Source, ReadReport], Iterator[Frame | BusEvent]]
ColumnReader: TypeAlias = "Callable[[Source, ReadReport], Iterator[Piece | Frame]]"
Recogniser: TypeAlias = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its short name, its reader, the unit of its stamps (None: times of day).

    `wrap` is given where the loggers' clock wraps. Text is recognised by `is_row` (a line that
    holds a frame) and `is_furniture` (a line that belongs to the format without being one);
    `is_other` matches records that are no frames. A `plain` format looks like any table of numbers.
    `read_columns` reads in pieces, UTF-8 only, what `read` reads frame by frame.
    """

    name: str
    read: Reader
    unit: TimeUnit | None
    is_text: bool = True
    wrap: Wrap | None = None
    is_row: Recogniser | None = None
    is_furniture: Recogniser | None = None
    is_other: Recogniser | None = None
    needs_furniture: bool = False
    plain: bool = False
    read_columns: ColumnReader | None = None


def text_formats() -> tuple[Format, ...]:
    """Return the text formats, in the order in which they win where two fit equally well."""
    return (
        Format(
            "candump", read_candump, "s", is_row=candump.ROW.match, read_columns=candump_columns
        ),
        Format(
            "gvret-csv",
            read_gvret,
            "us",
            wrap=MICROSECOND_COUNTER,
            is_row=gvret.row_columns,
            is_furniture=gvret.header_columns,
            is_other=gvret.are_cells,
            plain=True,
        ),
        Format(
            "asc",
            read_asc,
            "s",
            is_row=asc.ROW.match,
            is_furniture=asc.HEADER.match,
            is_other=asc.is_other,
        ),
        *(
            Format(
                dialect.name,
                reader_of(dialect),
                dialect.unit,
                wrap=dialect.wrap,
                is_row=dialect.is_row,
                is_furniture=dialect.furniture.match if dialect.furniture else None,
                is_other=dialect.records.match if dialect.records else None,
                needs_furniture=dialect.needs_furniture,
                plain=dialect.plain,
            )
            for dialect in DIALECTS
        ),
    )


BINARY_FORMATS: dict[bytes, Format] = {
    b"LOGG": Format("blf", read_blf, "s", is_text=False),
    b"SQLite format 3\0": Format("sqlite", read_sqlite, "s", is_text=False),
    b"MDF     ": Format("mf4", read_mf4, "s", is_text=False),
    b"UnFinMF ": Format("mf4", read_mf4, "s", is_text=False),
}
"""By the bytes a file starts with."""
