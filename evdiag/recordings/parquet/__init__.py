"""Recordings as Parquet: columns for DuckDB, polars and pandas, and the source's own bytes back.

Station: source and writer. In: a recording of any format, or one of our Parquet files. Out: the
same frames, in the order of the source, and the same report; and for text the very bytes.
`evdiag.archive` says where such files lie; docs/archive.md describes the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.inputs import BusEvent, Frame
    from evdiag.recordings.report import ReadReport
    from evdiag.recordings.source import Source


def read_archive(source: Source, report: ReadReport) -> Iterator[Frame | BusEvent]:
    """Yield what an archive's source held, frame by frame.

    Raises:
        BadInputError: it is none of ours, it is damaged, or pyarrow is missing.
    """
    # The table of formats names this; nearly nobody who looks at it is about to read an archive.
    from evdiag.recordings.parquet.reading import archive_items

    return archive_items(source, report)
