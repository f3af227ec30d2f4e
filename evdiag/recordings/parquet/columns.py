"""NumPy columns as Arrow ones and back, by their memory.

pyarrow's own ways (`pyarrow.array`, `to_numpy`) import pandas where it is installed, to see whether
it is meant; that takes longer than to read a million frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from evdiag.errors import BadInputError
from evdiag.recordings.columns.ascii_words import first_bytes

LONGEST_DATA: Final = 64
"""Bytes of a frame of CAN FD."""

MOST_TEXT: Final = 1 << 29
"""Bytes of a column in one row group: ten times what a recording has there."""

_SHORT: Final = 8
_KEPT: Final = np.array([first_bytes(size) for size in range(_SHORT + 1)], np.uint64)

if TYPE_CHECKING:
    import pyarrow as pa

    Chosen = slice | NDArray[np.intp]


def number_column(
    numbers: NDArray[np.number[Any]], kind: pa.DataType, known: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return numbers as a column, none where it is not known; `kind` is of their size."""
    import pyarrow as pa

    buffers = [None if known is None else _bits(known), pa.py_buffer(np.ascontiguousarray(numbers))]
    return pa.Array.from_buffers(kind, len(numbers), buffers)


def truth_column(truths: NDArray[np.bool_]) -> pa.Array:
    """Return what is true and what is not as a column."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(truths), [None, _bits(truths)])


def word_column(
    words: Sequence[str],
    numbers: NDArray[np.int16] | NDArray[np.int32],
    known: NDArray[np.bool_] | None = None,
) -> pa.Array:
    """Return the word of each number as a column, none where it is not known."""
    import pyarrow as pa

    kind = pa.int16() if numbers.dtype == np.int16 else pa.int32()
    indices = number_column(numbers, kind, known)
    listed = text_column([word.encode() for word in words], pa.string())
    return pa.DictionaryArray.from_arrays(indices, listed)


def text_column(texts: Sequence[bytes | None], kind: pa.DataType) -> pa.Array:
    """Return byte strings as a column, none where there is none."""
    import pyarrow as pa

    known = np.array([text is not None for text in texts], np.bool_)
    buffers = [_bits(known), *_strings([len(text or b"") for text in texts])]
    values = pa.py_buffer(b"".join(text for text in texts if text is not None))
    return pa.Array.from_buffers(kind, len(texts), [*buffers, values])


def data_column(data: NDArray[np.uint8], sizes: NDArray[np.integer]) -> pa.Array:
    """Return the first `sizes` bytes of each row of a matrix as a column of byte strings."""
    import pyarrow as pa

    width = data.shape[1]
    whole = len(data) * width == int(sizes.sum())
    values = data.ravel() if whole else data[np.arange(width) < sizes[:, None]]
    buffers = [None, *_strings(sizes), pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(pa.binary(), len(data), buffers)


def numbers_in(column: pa.Array, kind: type[np.number[Any]]) -> NDArray[Any]:
    """Return a column of numbers of a kind, none of which is missing."""
    values = column.buffers()[1]
    if values is None:
        return np.empty(0, kind)
    return np.frombuffer(values, kind)[column.offset : column.offset + len(column)]


def known_in(column: pa.Array) -> NDArray[np.intp]:
    """Return the places of a column at which something stands."""
    known = column.buffers()[0]
    if known is None:
        return np.arange(len(column))
    bits = np.unpackbits(np.frombuffer(known, np.uint8), bitorder="little")
    return np.flatnonzero(bits[column.offset : column.offset + len(column)])


def sizes_in(column: pa.Array) -> NDArray[np.int32]:
    """Return how many bytes each byte string of a column has."""
    _, edges, _ = column.buffers()
    if edges is None:
        return np.empty(0, np.int32)
    places = np.frombuffer(edges, np.int32)[column.offset : column.offset + len(column) + 1]
    return np.diff(places)


def data_in(column: pa.Array, chosen: Chosen) -> NDArray[np.uint8]:
    """Return chosen byte strings as rows of 8 or 64 bytes, zeros behind them.

    None of them may be longer than `LONGEST_DATA`.
    """
    _, edges_buffer, values_buffer = column.buffers()
    edges = np.frombuffer(edges_buffer, np.int32)[column.offset : column.offset + len(column) + 1]
    values = np.frombuffer(values_buffer or b"", np.uint8)
    starts, ends = edges[:-1][chosen], edges[1:][chosen]
    sizes = ends - starts
    width = LONGEST_DATA if (sizes > _SHORT).any() else _SHORT
    together = isinstance(chosen, slice) and chosen.step in (None, 1) and len(sizes) > 0
    if together and (sizes == width).all():
        return values[starts[0] : ends[-1]].reshape(-1, width)
    if width == _SHORT <= len(values):
        return _short_data(values, starts, sizes)
    matrix = np.zeros((len(sizes), width), np.uint8)
    within = np.arange(width) < sizes[:, None]
    matrix[within] = values[(starts[:, None] + np.arange(width))[within]]
    return matrix


def _short_data(
    values: NDArray[np.uint8], starts: NDArray[np.int32], sizes: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """Return up to eight bytes from each place on, which are read as one word."""
    words = np.ndarray((len(values) - _SHORT + 1,), "<u8", values, strides=(1,))
    places = np.minimum(starts, len(words) - 1)
    # Of words that would reach beyond the end, what comes before their place is shifted out.
    beyond = np.minimum(starts - places, _SHORT - 1).astype(np.uint64)
    data: NDArray[np.uint64] = (words[places] >> beyond * np.uint64(8)) & _KEPT.take(sizes)
    return data.astype("<u8", copy=False).view(np.uint8).reshape(-1, _SHORT)


def _strings(sizes: Sequence[int] | NDArray[np.integer]) -> list[pa.Buffer]:
    """Return where strings of these sizes end and the next ones start."""
    import pyarrow as pa

    edges = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=edges[1:])
    if edges[-1] > MOST_TEXT:
        raise BadInputError("most of it is no frames: it is no recording to archive")
    return [pa.py_buffer(edges.astype(np.int32))]


def _bits(truths: NDArray[np.bool_]) -> pa.Buffer:
    import pyarrow as pa

    return pa.py_buffer(np.packbits(truths, bitorder="little"))
