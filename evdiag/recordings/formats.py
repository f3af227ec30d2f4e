"""Every format evdiag reads, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from evdiag.recordings.clock import MICROSECOND_COUNTER, Wrap

if TYPE_CHECKING:
    from evdiag.inputs import BusEvent, Frame
    from evdiag.inputs.piece import Piece
    from evdiag.recordings.report import ReadReport
    from evdiag.recordings.source import Source
    from evdiag.recordings.stamps import TimeUnit

Reader: TypeAlias = "Callable[[Source, ReadReport], Iterator[Frame | BusEvent]]"
ColumnReader: TypeAlias = "Callable[[Source, ReadReport], Iterator[Piece | Frame | BusEvent]]"
Recogniser: TypeAlias = Callable[[str], Any]


class Format(NamedTuple):
    """A format: its short name, its reader, the unit of its stamps (None: times of day).

    `wrap` is given where the loggers' clock wraps. Text is recognised by `is_row` (a line that
    holds a frame) and `is_furniture` (a line that belongs to the format without being one);
    `is_other` matches records that are no frames. A `plain` format looks like any table of numbers.
    `read_columns` reads in pieces (text: UTF-8 only) what `read` reads frame by frame.
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


def candump_format() -> Format:
    """Return the format of candump's log text."""
    from evdiag.recordings.candump import ROW

    return Format(
        "candump",
        _late("candump", "read_candump"),
        "s",
        is_row=ROW.match,
        read_columns=_late("columns.candump_columns", "candump_columns"),
    )


def text_formats() -> tuple[Format, ...]:
    """Return the text formats, in the order in which they win where two fit equally well."""
    from evdiag.recordings import asc, gvret
    from evdiag.recordings.dialect_reader import reader_of
    from evdiag.recordings.dialects import DIALECTS

    return (
        candump_format(),
        Format(
            "gvret-csv",
            gvret.read_gvret,
            "us",
            read_columns=_late("columns.gvret_columns", "gvret_columns"),
            wrap=MICROSECOND_COUNTER,
            is_row=gvret.row_columns,
            is_furniture=gvret.header_columns,
            is_other=gvret.are_cells,
            plain=True,
        ),
        Format(
            "asc",
            asc.read_asc,
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


def _late(module: str, name: str) -> Callable[..., Any]:
    """Return a reader that is imported when it is called: most recordings need one of many."""

    def read(source: Source, report: ReadReport, **options: Any) -> Any:
        reader = getattr(import_module(f"evdiag.recordings.{module}"), name)
        return reader(source, report, **options)

    return read


_MF4 = Format("mf4", _late("python_can", "read_mf4"), "s", is_text=False)

BINARY_FORMATS: dict[bytes, Format] = {
    b"LOGG": Format(
        "blf",
        _late("python_can", "read_blf"),
        "s",
        is_text=False,
        read_columns=_late("columns.blf_columns", "blf_columns"),
    ),
    b"SQLite format 3\0": Format("sqlite", _late("python_can", "read_sqlite"), "s", is_text=False),
    b"MDF     ": _MF4,
    b"UnFinMF ": _MF4,
    b"PAR1": Format("parquet", _late("parquet", "read_archive"), None, is_text=False),
}
"""By the bytes a file starts with."""
