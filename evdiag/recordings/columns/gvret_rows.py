"""The plain rows of a piece of GVRET CSV, as columns.

Plain is ``STAMP,ID,FLAG,[Rx,]BUS,LEN,D1,…``: a stamp of up to 16 decimal digits, an id of up to 8
hex digits, ``true`` or ``false``, a bus of one or two digits, at most 8 data, two hex digits each.
What stands behind LEN data says nothing, as long as it stands on the same line. Each condition is
checked on every row; a row that fails one is not plain, and nothing is said of it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.block import EXTENDED, RX, TX
from evdiag.inputs.piece import Piece
from evdiag.recordings.columns.ascii_words import (
    Shape,
    Words,
    first_bytes,
    hex_bytes,
    numbers,
    other_than_hex,
)
from evdiag.recordings.columns.gvret_shapes import (
    STAMP_ENDS,
    WIDTH,
    Key,
    RowShape,
    mask_of,
    row_shape,
    shape_of,
    word_of,
)
from evdiag.recordings.columns.row_bytes import RowBytes
from evdiag.recordings.columns.rows import Marked, Places, Rows, line_places
from evdiag.recordings.stamps import LATEST_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.inputs.piece import Chosen
    from evdiag.recordings.columns.gvret_ids import GvretIds
    from evdiag.recordings.columns.whole_lines import Lines, Text

_MOST_SHAPES: Final = 12
_ROWS_LOOKED_AT: Final = 32
"""Of the rows that are left, to learn their shape; if none of them has one, all are odd."""

MOST_BYTES: Final = 8
_ZERO: Final = np.uint8(ord("0"))
_LAST_DIGITS: Final = tuple(Shape("?" * (8 - count) + "0" * count) for count in range(9))
"""Words that end in so many digits."""
_LATEST_US: Final = np.uint64(LATEST_NS // 1000)
_STANDARD_IDS: Final = 0x7FF

_NEWLINE, _RETURN, _COMMA = b"\n\r,"
_UPPER: Final = np.uint8(0xDF)
_R, _T = b"RT"
_DATA: Final = np.dtype((np.void, 3 * MOST_BYTES))
_FIRST: Final = np.array([first_bytes(count) for count in range(9)], np.uint64)

_CELLS: Final = tuple(
    (word_of(cells), mask_of(cells), np.uint64(first_bytes(used)) & ~mask_of(cells))
    for cells, used in (("??,??,??", 8), (",??,??,?", 8), ("?,??,???", 7))
)
"""The three words of eight data: their commas, where these stand, and where the digits stand."""
_WITHIN: Final = np.array(
    [[first_bytes(min(max(3 * n - 1 - 8 * at, 0), 8)) for n in range(9)] for at in range(3)],
    np.uint64,
)
"""For each word of the data, and each length, what belongs to so many of them."""


class _Columns(NamedTuple):
    """What the rows of one shape say; `fits` tells which of them are plain."""

    fits: Marked
    time_us: Words
    buses: NDArray[np.uint8]
    identifiers: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    lengths: NDArray[np.uint8]
    data_at: Places


def gvret_rows(lines: Lines, ids: GvretIds, *, directed: bool) -> Rows:
    """Read the plain rows of `lines`, which end in LF; `directed` ones say their direction."""
    text = np.frombuffer(lines.buffer, np.uint8)
    starts, ends = line_places(lines)
    found = list(_by_shape(lines, starts, ends, ids, directed))
    plain = np.zeros(len(starts), np.bool_)
    for rows, columns in found:
        plain[rows] |= columns.fits
    plain[_rows_with_bare_returns(text, lines, ends)] = False
    columns = _joined(plain, found)
    return Rows(starts, ends, plain, _piece(lines, columns), columns.data_at)


def _by_shape(
    lines: Lines, starts: Places, ends: Places, ids: GvretIds, directed: bool
) -> Iterator[tuple[Chosen, _Columns]]:
    """Yield the rows that might have a shape, and what they say if so, shape by shape."""
    left: Chosen = slice(None)
    tried: set[Key] = set()
    while len(tried) < _MOST_SHAPES:
        key = _next_key(lines, starts, ends, directed, tried)
        if key is None:
            return
        tried.add(key)
        columns = _columns(lines, starts, row_shape(key), ids)
        yield left, columns
        others = np.flatnonzero(~columns.fits)
        left = others if isinstance(left, slice) else left[others]
        starts, ends = starts[others], ends[others]


def _next_key(
    lines: Lines, starts: Places, ends: Places, directed: bool, tried: set[Key]
) -> Key | None:
    """Return the key of a shape that some of the rows have; a few of them are looked at."""
    step = max(1, len(starts) // _ROWS_LOOKED_AT)
    for start, end in zip(starts[::step].tolist(), ends[::step].tolist(), strict=True):
        key = shape_of(bytes(lines.buffer[start:end]), directed)
        if key is not None and key not in tried:
            return key
    return None


def _columns(lines: Lines, starts: Places, shape: RowShape, ids: GvretIds) -> _Columns:
    """Read rows as if they had this shape."""
    anchors = starts + (shape.key.stamp - STAMP_ENDS)
    rows = RowBytes(lines.buffer, anchors, WIDTH)
    time_us, fits = _times_us(rows, shape.key)
    for at, signs, compared in shape.between:
        fits &= ((_words(rows, at) ^ signs) & compared) == 0
    identifiers, written = ids.read(_words(rows, shape.id_ends - 8), shape.key.id)
    fits &= written
    lengths = rows.signs(shape.length_at) - _ZERO
    fits &= lengths <= MOST_BYTES
    lengths = np.minimum(lengths, MOST_BYTES)
    data_at = anchors + shape.data_at
    fits &= _data_fit(rows, lengths, shape)
    fits &= _data_end(lines.buffer, data_at, lengths)
    buses = _buses(rows, shape)
    fits &= buses < 100
    flags = _flags(identifiers, shape.key)
    if shape.key.directed:
        fits &= _add_directions(flags, rows.signs(shape.direction_at) & _UPPER)
    return _Columns(fits, time_us, buses, identifiers, flags, lengths, data_at)


def _words(rows: RowBytes, at: int) -> Words:
    return np.ascontiguousarray(rows.words(at))


def _data_fit(rows: RowBytes, lengths: NDArray[np.uint8], shape: RowShape) -> Marked:
    """Tell which rows hold as many bytes of data as they say.

    Most rows hold eight, if only zeros beyond their length; of the others only those count.
    """
    words = np.empty((3, len(lengths)), np.uint64)
    for number in range(3):
        words[number] = rows.words(shape.data_at + 8 * number)
    others = other_than_hex(words.view(np.uint8)).view(np.uint64)
    faults = []
    for number, (signs, compared, digits) in enumerate(_CELLS):
        fault = words[number] ^ signs
        fault &= compared
        fault |= others[number] & digits
        faults.append(fault)
    fits: Marked = (faults[0] | faults[1] | faults[2]) == 0
    short = np.flatnonzero(~fits & (lengths < MOST_BYTES))
    if len(short):
        within = _WITHIN[:, lengths[short]]
        left = [fault[short] & masks for fault, masks in zip(faults, within, strict=True)]
        fits[short] = (left[0] | left[1] | left[2]) == 0
    return fits


def _data_end(buffer: Text, data_at: Places, lengths: NDArray[np.uint8]) -> Marked:
    """Tell which rows have a comma or their end where their data end."""
    ends = lengths * np.intp(3)
    ends += data_at
    after = np.frombuffer(buffer, np.uint8).take(ends - 1)
    ended: Marked = (after == _COMMA) | (after == _NEWLINE) | (after == _RETURN)
    return ended


def _times_us(rows: RowBytes, key: Key) -> tuple[Words, Marked]:
    """Return the stamps, which end at `STAMP_ENDS`, and which of them are such."""
    low, fits = _LAST_DIGITS[min(key.stamp, 8)].read(_words(rows, STAMP_ENDS - 8))
    time_us = numbers(low)
    if key.stamp > 8:
        shape = _LAST_DIGITS[key.stamp - 8]
        words = shape.wanted(_words(rows, STAMP_ENDS - 16))
        # Within a hundred seconds they are all the same: once for all.
        high, are_digits = shape.read(words[:1] if (words == words[0]).all() else words)
        fits &= are_digits
        time_us += numbers(high) * np.uint64(10**8)
    fits &= time_us <= _LATEST_US
    return time_us, fits


def _buses(rows: RowBytes, shape: RowShape) -> NDArray[np.uint8]:
    """Return the buses, 100 or more where there is none."""
    buses = rows.signs(shape.bus_at) - _ZERO
    none = buses > 9
    if shape.key.bus == 2:
        last = rows.signs(shape.bus_at + 1) - _ZERO
        none |= last > 9
        buses = buses * np.uint8(10) + last
    buses[none] = 255
    return buses


def _flags(identifiers: NDArray[np.uint32], key: Key) -> NDArray[np.uint8]:
    if key.extended:
        return np.full(len(identifiers), EXTENDED, np.uint8)
    return (identifiers > _STANDARD_IDS).view(np.uint8) * np.uint8(EXTENDED)


def _add_directions(flags: NDArray[np.uint8], letters: NDArray[np.uint8]) -> Marked:
    """Add directions to `flags`; tell which letters say one."""
    received = letters == _R
    flags |= np.where(received, np.uint8(RX), np.uint8(TX))
    known: Marked = received | (letters == _T)
    return known


def _rows_with_bare_returns(text: NDArray[np.uint8], lines: Lines, ends: Places) -> Places:
    """Return the rows within which a CR ends a line for the careful reader."""
    if lines.buffer.find(b"\r", lines.first, lines.end) < 0:
        return np.empty(0, np.intp)
    returns = text[lines.first : lines.end] == _RETURN
    if np.count_nonzero(returns) == np.count_nonzero(text[ends - 2] == _RETURN):
        return np.empty(0, np.intp)
    places = np.flatnonzero(returns) + lines.first
    bare = places[text[places + 1] != _NEWLINE]
    rows: Places = np.searchsorted(ends, bare, side="right")
    return rows


def _piece(lines: Lines, columns: _Columns) -> Piece:
    _, time_us, buses, identifiers, flags, lengths, data_at = columns
    channels, channel = _numbered(buses)
    buffer = lines.buffer
    return Piece(
        channels,
        time_us.astype(np.int64) * 1000,
        channel,
        identifiers,
        flags,
        lengths,
        lambda chosen: gvret_data(buffer, data_at[chosen], lengths[chosen]),
    )


def _joined(plain: Marked, found: list[tuple[Chosen, _Columns]]) -> _Columns:
    """Put the plain rows of all shapes into the order of the lines."""
    if len(found) == 1 and plain.all():
        return found[0][1]
    total = len(plain)
    time_us = np.empty(total, np.uint64)
    buses, flags, lengths = (np.empty(total, np.uint8) for _ in range(3))
    identifiers = np.empty(total, np.uint32)
    data_at = np.empty(total, np.intp)
    for rows, columns in found:
        # A row of a later shape did not fit this one, and is written again.
        time_us[rows] = columns.time_us
        buses[rows] = columns.buses
        identifiers[rows] = columns.identifiers
        flags[rows] = columns.flags
        lengths[rows] = columns.lengths
        data_at[rows] = columns.data_at
    return _Columns(
        plain,
        time_us[plain],
        buses[plain],
        identifiers[plain],
        flags[plain],
        lengths[plain],
        data_at[plain],
    )


def _numbered(buses: NDArray[np.uint8]) -> tuple[tuple[int, ...], NDArray[np.int16]]:
    """Return the buses there are, and for each row its place among them."""
    if len(buses) and (buses == buses[0]).all():
        return (int(buses[0]),), np.zeros(len(buses), np.int16)
    met = np.flatnonzero(np.bincount(buses))
    return tuple(met.tolist()), np.searchsorted(met, buses).astype(np.int16)


def gvret_data(buffer: Text, starts: Places, lengths: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Read the data that start at `starts`, of rows that are plain."""
    cells = np.ndarray((len(buffer) - _DATA.itemsize + 1,), _DATA, buffer, strides=(1,))[starts]
    digits = cells.view(np.uint8).reshape(-1, MOST_BYTES, 3)[:, :, :2].copy()
    halves = hex_bytes(digits.reshape(-1, 2 * MOST_BYTES).view("<u8"))
    data = halves[:, 0] | halves[:, 1] << np.uint64(32)
    data &= _FIRST[lengths]
    return data.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)
