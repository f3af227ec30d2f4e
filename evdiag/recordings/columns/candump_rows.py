"""The plain rows of a piece of candump text, as columns.

Plain is ``(SSSSSSSSSS.ffffff) CHANNEL ID#DATA``: single blanks, an id of 3 or 8 hex digits, 0 to 8
whole bytes, perhaps `` R`` or `` T`` behind them, and LF or CRLF. Each condition is checked on
every row; a row that fails one is not plain, and nothing is said of it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.block import EXTENDED, RX, TX
from evdiag.recordings.columns.ascii_words import (
    Shape,
    Words,
    first_bytes,
    hex_bytes,
    loadable,
    numbers,
    other_than_hex,
)
from evdiag.recordings.columns.piece import Piece
from evdiag.recordings.stamps import LATEST_NS

if TYPE_CHECKING:
    from evdiag.recordings.columns.channel_names import ChannelNames
    from evdiag.recordings.columns.whole_lines import Lines

_SECONDS: Final = Shape("(0000000")
_SECONDS_WEIGHTS: Final = (10**6, 10**4, 10**2, 1)
_POINT: Final = Shape("000.0000")
_POINT_WEIGHTS: Final = (10**7, 10**5, 10**4, 10**2)
"""In microseconds; the third digit of the seconds makes a pair with the point."""
_MICROSECONDS: Final = Shape("00) ????")
_MICROSECONDS_WEIGHTS: Final = (1, 0, 0, 0)
_CHANNEL_AT: Final = 20

_SIGNS: Final = len("(.)  #\n")
"""The characters of a plain row, those of the channel's name aside, that are no hex digits."""

_LATEST_US: Final = np.uint64(LATEST_NS // 1000)
_HIGHEST_ID: Final = np.uint32(0x1FFF_FFFF)

_NEWLINE, _RETURN, _BLANK, _HASH = b"\n\r #"
_RECEIVED, _SENT = b"RT"

_FIRST: Final = np.array([first_bytes(count) for count in range(9)], np.uint64)
_STANDARD_ID: Final = np.uint64(first_bytes(3) << 40)

Places = NDArray[np.intp]
Marked = NDArray[np.bool_]


class Rows(NamedTuple):
    """Where the lines of a piece start and end in its buffer, and which of them are plain rows.

    `piece` has the plain rows only.
    """

    starts: Places
    ends: Places
    plain: Marked
    piece: Piece


class _Tails(NamedTuple):
    """What follows the data: where they end, how many characters come then, the direction."""

    data_ends: Places
    signs: Places
    flags: NDArray[np.uint8]


class _Heads(NamedTuple):
    """What stands before the data, where `plain` says so."""

    plain: Marked
    identifiers: NDArray[np.uint32]
    standard: Marked
    channels: NDArray[np.int16]


def candump_rows(lines: Lines, names: ChannelNames) -> Rows:
    """Read the plain rows of `lines`, which end in LF; `names` learns the channels met."""
    text = np.frombuffer(lines.buffer, np.uint8)
    words = loadable(lines.buffer)
    starts, ends = _lines(text, lines)
    hashes = _hashes(text, lines, starts, ends)
    tails = _tails(text, ends)
    digits = tails.data_ends - hashes - 1
    time_us, plain = _times_us(words, starts)
    plain &= (digits >= 0) & (digits <= 16) & ((digits & 1) == 0)
    heads = _heads(text, words, starts, hashes, plain, names)
    signs = tails.signs + names.signs(heads.channels)
    plain = _without_other_signs(text, lines, starts, heads.plain, signs)
    rows = slice(None) if plain.all() else np.flatnonzero(plain)
    lengths = (digits[rows] >> 1).astype(np.uint8)
    hashes = hashes[rows]
    piece = Piece(
        tuple(names.known),
        time_us[rows].astype(np.int64) * 1000,
        heads.channels[rows],
        heads.identifiers[rows],
        tails.flags[rows] | np.where(heads.standard[rows], np.uint8(0), np.uint8(EXTENDED)),
        lengths,
        lambda chosen: _data(words, hashes[chosen], lengths[chosen]),
    )
    return Rows(starts, ends, plain, piece)


def _lines(text: NDArray[np.uint8], lines: Lines) -> tuple[Places, Places]:
    ends = np.flatnonzero(text[lines.first : lines.end] == _NEWLINE) + (lines.first + 1)
    starts = np.empty_like(ends)
    starts[0] = lines.first
    starts[1:] = ends[:-1]
    return starts, ends


def _hashes(text: NDArray[np.uint8], lines: Lines, starts: Places, ends: Places) -> Places:
    """Return the place of each line's first ``#``; the line's start where it has none."""
    found = np.flatnonzero(text[lines.first : lines.end] == _HASH) + lines.first
    if len(found) == len(starts) and (found > starts).all() and (found < ends).all():
        return found
    following = np.append(found, lines.end)[np.searchsorted(found, starts)]
    return np.where(following < ends, following, starts)


def _tails(text: NDArray[np.uint8], ends: Places) -> _Tails:
    returned = text[ends - 2] == _RETURN
    stops = ends - 1 - returned
    letters = text[stops - 1]
    received, sent = letters == _RECEIVED, letters == _SENT
    directed = (received | sent) & (text[stops - 2] == _BLANK)
    flags = np.where(received, np.uint8(RX), np.uint8(TX)) * directed
    return _Tails(stops - 2 * directed, _SIGNS + returned + 2 * directed, flags)


def _times_us(words: Words, starts: Places) -> tuple[Words, Marked]:
    """Return every line's stamp in microseconds, and which lines do begin with one."""
    first, middle, last = words[starts], words[starts + 8], words[starts + 16]
    if (first == first[0]).all():
        # Within a thousand seconds: once for all.
        first = first[:1]
    plain = _SECONDS.fits(first) & _POINT.fits(middle) & _MICROSECONDS.fits(last)
    time_us = numbers(_SECONDS.digits(first), _SECONDS_WEIGHTS) * np.uint64(10**9)
    time_us = time_us + numbers(_POINT.digits(middle), _POINT_WEIGHTS)
    time_us += numbers(_MICROSECONDS.digits(last), _MICROSECONDS_WEIGHTS)
    return time_us, plain & (time_us <= _LATEST_US)


def _heads(
    text: NDArray[np.uint8],
    words: Words,
    starts: Places,
    hashes: Places,
    plain: Marked,
    names: ChannelNames,
) -> _Heads:
    """Read channel and id, which stand between the stamp and the ``#``."""
    id_words = words[hashes - 8]
    standard = ((id_words >> np.uint64(32)) & np.uint64(0xFF)) == _BLANK
    id_words[standard] &= _STANDARD_ID
    identifiers = hex_bytes(id_words).astype(np.uint32).byteswap()
    name_ends = hashes - np.where(standard, 4, 9)
    lengths = name_ends - starts - _CHANNEL_AT
    plain = plain & (text[name_ends] == _BLANK) & (identifiers <= _HIGHEST_ID)
    plain &= (lengths >= 1) & (lengths <= 8)
    name_words = words[starts + _CHANNEL_AT] & _FIRST[np.where(plain, lengths, 0)]
    channels = names.numbers(name_words, plain)
    return _Heads(plain & (channels >= 0), identifiers, standard, channels)


def _without_other_signs(
    text: NDArray[np.uint8], lines: Lines, starts: Places, plain: Marked, signs: Places
) -> Marked:
    """Leave out the lines that have more than `signs` characters which are no hex digits.

    Those that a plain row must have were each found in their place, so that as many of them leave
    hex digits only wherever these are due.
    """
    others = other_than_hex(text[lines.first : lines.end])
    if plain.all() and np.count_nonzero(others) == signs.sum():
        return plain
    fitting: Marked = np.add.reduceat(others, starts - lines.first, dtype=np.intp) == signs
    return plain & fitting


def _data(words: Words, hashes: Places, lengths: NDArray[np.uint8]) -> NDArray[np.uint8]:
    data = hex_bytes(words[hashes + 9])
    data <<= np.uint64(32)
    data |= hex_bytes(words[hashes + 1])
    data &= _FIRST[lengths]
    return data.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)
