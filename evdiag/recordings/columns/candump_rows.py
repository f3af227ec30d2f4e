"""The plain rows of a piece of candump text, as columns.

Plain is ``(S.ffffff) CHANNEL ID#DATA``: one to ten digits of seconds and six of their fraction,
single blanks, an id of 3 or 8 hex digits, 0 to 8 whole bytes, perhaps `` R`` or `` T`` behind them,
and LF or CRLF. Each character of every row is checked; a row that fails is not plain, and nothing
is said of it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.block import EXTENDED, RX, TX
from evdiag.inputs.piece import Piece
from evdiag.recordings.columns.ascii_words import (
    Shape,
    Words,
    first_bytes,
    hex_bytes,
    loadable,
    numbers,
    other_than_hex,
)
from evdiag.recordings.columns.candump_shapes import CHANNEL_AT
from evdiag.recordings.columns.row_bytes import RowBytes
from evdiag.recordings.columns.rows import Marked, Places, Rows, line_places
from evdiag.recordings.stamps import LATEST_NS

if TYPE_CHECKING:
    from evdiag.inputs.piece import Chosen
    from evdiag.recordings.columns.candump_shapes import RowShape, Shapes
    from evdiag.recordings.columns.whole_lines import Lines, Text

_FIRST: Final = np.zeros(1, np.intp)
_MICROSECONDS: Final = Shape("000000) ")
_LATEST_S: Final = LATEST_NS // 10**9

_MOST_DIGITS: Final = 16
_MANY: Final = 8
"""Of so many rows, it is faster to look at all than at more than one."""

_RETURN, _BLANK, _HASH = b"\r #"
_RECEIVED, _SENT = b"RT"

_KEPT: Final = np.array([first_bytes(min(n, 8)) for n in range(17)] + [0] * 239, np.uint64)
_KEPT_OF_REST: Final = np.array(
    [first_bytes(max(n - 8, 0)) for n in range(17)] + [0] * 239, np.uint64
)
"""By the number of digits: which of the first eight, and of the rest, are data."""


class _Tails(NamedTuple):
    """Where the data of each line end, and the direction that is said behind them."""

    data_ends: Places
    flags: NDArray[np.uint8]


class _Columns(NamedTuple):
    """What rows say; `fits` tells which of them are plain, the others say nothing."""

    fits: Marked
    time_ns: NDArray[np.int64]
    channel: NDArray[np.int16]
    id: NDArray[np.uint32]
    digits: NDArray[np.uint8]
    data_at: Places
    flags: NDArray[np.uint8]

    def rows(self, chosen: Chosen) -> _Columns:
        columns: tuple[Any, ...] = self
        return _Columns(*(column[chosen] for column in columns))


def candump_rows(lines: Lines, shapes: Shapes) -> Rows:
    """Read the plain rows of `lines`, which end in LF; `shapes` learns what rows look like."""
    starts, ends = line_places(lines)
    tails = _tails(np.frombuffer(lines.buffer, np.uint8), ends)
    found = _by_shape(lines.buffer, starts, tails, shapes)
    channels = tuple(shapes.channels)
    if len(found) == 1 and found[0][1].fits.all() and isinstance(found[0][0], slice):
        columns = found[0][1]
        piece = _piece(lines.buffer, columns, channels)
        return Rows(starts, ends, columns.fits, piece, columns.data_at)
    columns = _put_together(len(starts), found)
    plain = columns.rows(np.flatnonzero(columns.fits))
    piece = _piece(lines.buffer, plain, channels)
    return Rows(starts, ends, columns.fits, piece, plain.data_at)


def _by_shape(
    buffer: Text, starts: Places, tails: _Tails, shapes: Shapes
) -> list[tuple[Chosen, _Columns]]:
    """Return rows and what they say, shape by shape; each shape gets those that are left."""
    found: list[tuple[Chosen, _Columns]] = []
    is_left = np.ones(len(starts), np.bool_)
    left: Chosen = slice(None)
    for shape in shapes.of_rows(buffer, starts):
        rows = _rows_of(shape, buffer, starts, left) if shapes.are_many else left
        if not isinstance(rows, slice) and not len(rows):
            continue
        columns = _columns(
            buffer, starts[rows], tails.data_ends[rows], tails.flags[rows], shape, shapes
        )
        found.append((rows, columns))
        is_left[rows] = ~columns.fits
        left = np.flatnonzero(is_left)
        if not len(left):
            break
        shapes.left = starts[left]
    return found


def _rows_of(shape: RowShape, buffer: Text, starts: Places, left: Chosen) -> Chosen:
    """Return those of the rows left whose ``#`` is where this shape has it."""
    signs = np.frombuffer(buffer, np.uint8)
    has_it = signs[starts[left] + (shape.hash_at - shape.before)] == _HASH
    if isinstance(left, slice):
        return left if has_it.all() else np.flatnonzero(has_it)
    chosen: Places = left[has_it]
    return chosen


def _put_together(count: int, found: list[tuple[Chosen, _Columns]]) -> _Columns:
    """Put the rows of all shapes in their places among `count` lines."""
    kinds = (np.bool_, np.int64, np.int16, np.uint32, np.uint8, np.intp, np.uint8)
    columns_of: list[Any] = [np.zeros(count, kind) for kind in kinds]
    whole = _Columns(*columns_of)
    for rows, columns in found:
        fitting = np.flatnonzero(columns.fits)
        places = fitting if isinstance(rows, slice) else rows[fitting]
        for column, new in zip(columns_of, columns.rows(fitting), strict=True):
            column[places] = new
    return whole


def _piece(buffer: Text, columns: _Columns, channels: tuple[str, ...]) -> Piece:
    lengths = columns.digits >> np.uint8(1)
    return Piece(
        channels,
        columns.time_ns,
        columns.channel,
        columns.id,
        columns.flags,
        lengths,
        lambda chosen: candump_data(buffer, columns.data_at[chosen], lengths[chosen]),
    )


def _tails(text: NDArray[np.uint8], ends: Places) -> _Tails:
    stops = ends - 1
    last = text[ends - 2]
    returned = last == _RETURN
    if returned.any():
        stops -= returned
        last = text[stops - 1]
    received, sent = last == _RECEIVED, last == _SENT
    directed = received | sent
    if not directed.any():
        return _Tails(stops, np.zeros(len(ends), np.uint8))
    directed &= text[stops - 2] == _BLANK
    flags = np.where(received, np.uint8(RX), np.uint8(TX)) * directed
    return _Tails(stops - 2 * directed, flags)


def _columns(
    buffer: Text,
    starts: Places,
    data_ends: Places,
    flags: NDArray[np.uint8],
    shape: RowShape,
    shapes: Shapes,
) -> _Columns:
    """Read rows as if they had this shape."""
    starts = starts - shape.before
    rows = RowBytes(buffer, starts, shape.width)
    words, signs = rows.words, rows.signs
    time_ns, fits = _times_ns(words(0), words(4), words(12), shape)
    channels = shape.channels(words(CHANNEL_AT))
    fits &= channels >= 0
    data_at = starts + (shape.hash_at + 1)
    digits = data_ends - data_at
    counts = digits.astype(np.uint8)
    fits &= (digits.view(np.uint64) <= _MOST_DIGITS) & ((counts & np.uint8(1)) == 0)
    if shape.extended:
        word = np.ascontiguousarray(words(shape.hash_at - 8))
        identifiers, written = shapes.extended_ids.read(word)
        written &= (signs(shape.hash_at - 9) == _BLANK) & (signs(shape.hash_at) == _HASH)
        flags = flags | np.uint8(EXTENDED)
    else:
        word = np.ascontiguousarray(words(shape.hash_at - 7))
        identifiers, written = shapes.standard_ids.read(word)
    fits &= written
    data = np.empty((2, len(starts)), np.uint64)
    data[0] = words(shape.hash_at + 1)
    data[1] = words(shape.hash_at + 9)
    others = other_than_hex(data.view(np.uint8)).view(np.uint64)
    doubtful = np.flatnonzero((others[0] | others[1]) != 0)
    if len(doubtful):
        # Of a row with less than sixteen digits, what stands behind them is no part of it.
        rest: Chosen = slice(None) if len(doubtful) * _MANY > len(fits) else doubtful
        others, short = others[:, rest], counts[rest]
        others[0] &= _KEPT.take(short)
        others[1] &= _KEPT_OF_REST.take(short)
        fits[rest] &= (others[0] | others[1]) == 0
    return _Columns(fits, time_ns, channels, identifiers, counts, data_at, flags)


def _times_ns(
    begin: Words, seconds: Words, microseconds: Words, shape: RowShape
) -> tuple[NDArray[np.int64], Marked]:
    """Return every row's stamp in nanoseconds, and which rows do begin with one.

    The seconds are read where they change; `begin` has the first of their digits.
    """
    begin = shape.begin.wanted(begin)
    seconds = np.ascontiguousarray(shape.seconds.wanted(seconds))
    changed = (seconds[1:] != seconds[:-1]) | (begin[1:] != begin[:-1])
    at = np.concatenate([_FIRST, np.flatnonzero(changed) + 1])
    begin, seconds = begin[at], seconds[at]
    first_digits, begun = shape.begin.read(begin)
    other_digits, readable = shape.seconds.read(seconds)
    # In tenths, because the point stands in the place of the eighth digit.
    whole = numbers(first_digits) * np.uint64(10**4) + numbers(other_digits)
    readable &= begun & (whole < _LATEST_S * 10)
    lengths = np.empty_like(at)
    np.subtract(at[1:], at[:-1], out=lengths[:-1])
    lengths[-1] = len(microseconds) - at[-1]
    time_ns = np.repeat((whole * np.uint64(10**8)).view(np.int64), lengths)
    digits, fits = _MICROSECONDS.read(microseconds)
    if not readable.all():
        fits &= np.repeat(readable, lengths)
    # In hundredths of microseconds: two places behind the sixth digit are empty.
    parts = numbers(digits).view(np.int64)
    parts *= 10
    time_ns += parts
    return time_ns, fits


def candump_data(buffer: Text, places: Places, lengths: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Read the data that stand at `places`, of rows that are plain."""
    words = loadable(buffer)
    text = np.empty((2, len(places)), np.uint64)
    text[0], text[1] = words[places], words[places + 8]
    halves = hex_bytes(text)
    data: Words = halves[0] | halves[1] << np.uint64(32)
    data &= _KEPT.take(lengths)
    return data.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)
