"""The table that a recording is in Parquet (docs/archive.md tells what each column means)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evdiag.inputs.block import ERROR, EXTENDED, FD, REMOTE, RX, TX
from evdiag.recordings.parquet.columns import numbers_in, text_column, truth_column, word_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

ROWS_A_GROUP: Final = 1 << 19
"""A row group is read and written at once; one holds frames of one channel only."""

_COMPRESSION_LEVEL: Final = 9

_BOOLEANS: Final = {"extended": EXTENDED, "fd": FD, "remote": REMOTE, "error": ERROR}
_DICTIONARIES: Final = [
    "channel", "id", "extended", "fd", "remote", "error", "direction", "flags", "length", "epoch",
    "shift_ns",
]  # fmt: skip
_ENCODINGS: Final = {
    "row": "DELTA_BINARY_PACKED",
    "time_ns": "DELTA_BINARY_PACKED",
    "data": "DELTA_LENGTH_BYTE_ARRAY",
    "source_text": "PLAIN",
}


def schema() -> pa.Schema:
    """Return the columns of an archive."""
    import pyarrow as pa

    word = pa.dictionary(pa.int16(), pa.string())
    return pa.schema(
        [
            pa.field("row", pa.int64(), nullable=False),
            pa.field("time_ns", pa.int64(), nullable=False),
            pa.field("channel", word, nullable=False),
            pa.field("id", pa.uint32(), nullable=False),
            *(pa.field(name, pa.bool_(), nullable=False) for name in ("extended", "fd")),
            *(pa.field(name, pa.bool_(), nullable=False) for name in ("remote", "error")),
            pa.field("direction", word),
            pa.field("length", pa.uint8(), nullable=False),
            pa.field("data", pa.binary(), nullable=False),
            pa.field("flags", pa.uint8(), nullable=False),
            pa.field("epoch", pa.int32(), nullable=False),
            pa.field("shift_ns", pa.int64(), nullable=False),
            pa.field("source_text", pa.binary()),
        ]
    )


def writer_to(sink: pa.NativeFile) -> Any:
    """Return what writes Parquet, with the encodings that were found to be small and fast."""
    import pyarrow.parquet as pq

    return pq.ParquetWriter(
        sink,
        schema(),
        compression="zstd",
        compression_level=_COMPRESSION_LEVEL,
        use_dictionary=_DICTIONARIES,
        column_encoding=_ENCODINGS,
        write_page_checksum=True,
    )


def spool_schema() -> pa.Schema:
    """Return the columns in which frames wait to be written, of one channel each."""
    import pyarrow as pa

    kept = ("row", "time_ns", "id", "length", "data", "flags", "epoch", "shift_ns")
    return pa.schema([schema().field(name) for name in kept])


def finished(spooled: pa.Table, channel: str, texts: Sequence[bytes | None] | None) -> pa.Table:
    """Return rows that waited with all their columns.

    `texts` are the source's own bytes, row by row, None where there are none at all.
    """
    import pyarrow as pa

    flags = numbers_in(spooled.column("flags").combine_chunks(), np.uint8)
    columns = {name: spooled.column(name) for name in spooled.column_names}
    columns["channel"] = word_column([channel], np.zeros(len(flags), np.int16))
    direction = np.where(flags & RX, 0, 1).astype(np.int16)
    columns["direction"] = word_column(["rx", "tx"], direction, (flags & (RX | TX)) != 0)
    for name, bit in _BOOLEANS.items():
        columns[name] = truth_column((flags & bit) != 0)
    if texts is None:
        columns["source_text"] = pa.nulls(len(flags), pa.binary())
    else:
        columns["source_text"] = text_column(texts, pa.binary())
    form = schema()
    return pa.Table.from_arrays([columns[name] for name in form.names], schema=form)
