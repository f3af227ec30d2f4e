"""The frames among the objects of a stretch of BLF, as columns.

Source: python-can's ``blf.py``; what it makes of an object is what counts here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block
from evdiag.inputs.block import BITRATE_SWITCH, ERROR, ERROR_STATE, EXTENDED, FD, REMOTE, RX, TX
from evdiag.inputs.piece import Piece
from evdiag.recordings.stamps import LATEST_NS

if TYPE_CHECKING:
    from evdiag.inputs.piece import Chosen
    from evdiag.recordings.columns.rows import Marked, Places

PAD: Final = bytes(128)
"""What must stand behind the last object, so that fields may be loaded beyond its end."""


def _fields(**named: tuple[int, str]) -> np.dtype[np.void]:
    """Lay out some fields of an object by place and type."""
    layout = {
        "names": list(named),
        "offsets": [at for at, _ in named.values()],
        "formats": [form for _, form in named.values()],
    }
    return np.dtype(layout)  # type: ignore[call-overload, no-any-return]


_HEADER: Final = _fields(
    header_size=(4, "<u2"),
    version=(6, "<u2"),
    size=(8, "<u4"),
    kind=(12, "<u4"),
    flags=(16, "<u4"),
    stamp=(24, "<u8"),
)
_HEADER_BYTES: Final = {1: 32, 2: 40}
"""By the version of the header."""

_CLASSIC: Final = _fields(channel=(0, "<u2"), flags=(2, "u1"), dlc=(3, "u1"), id=(4, "<u4"))
_ERROR: Final = _fields(channel=(0, "<u2"), dlc=(10, "u1"), id=(16, "<u4"))
_FD: Final = _fields(
    channel=(0, "<u2"),
    flags=(2, "u1"),
    dlc=(3, "u1"),
    id=(4, "<u4"),
    fd_flags=(13, "u1"),
    valid=(14, "u1"),
)
_FD_64: Final = _fields(
    channel=(0, "u1"),
    dlc=(1, "u1"),
    valid=(2, "u1"),
    id=(4, "<u4"),
    fd_flags=(12, "<u4"),
    direction=(34, "u1"),
    extension_at=(35, "u1"),
)

_TEN_MICROSECONDS: Final = 1
_EXACT: Final = 1 << 53
"""Integers below are exact as floats, and their quotients rounded once."""
_EXTENDED_BIT: Final = np.uint32(0x8000_0000)
_ID: Final = np.uint32(0x1FFF_FFFF)
_STANDARD_IDS: Final = 0x7FF
_REMOTE_BIT, _SENT_BIT = 0x80, 0x01
_LENGTHS: Final = np.array([*range(9), 12, 16, 20, 24, 32, 48] + [64] * 241, np.uint8)
"""By the length code; what is no code is taken for 64 bytes."""
_FIRST_OF_8: Final = np.tri(9, 8, -1, np.uint8)
_FIRST_OF_64: Final = np.tri(65, 64, -1, np.uint8)


class _Frames(NamedTuple):
    """Columns of a `Piece`; `held` bytes of data stand at `data_at`, what `length` has more is 0.

    `right` tells of which objects python-can makes just this.
    """

    right: Marked
    channel: NDArray[np.uint16]
    id: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    length: NDArray[np.uint8]
    held: NDArray[np.uint8]
    data_at: Places


class _Reader(Protocol):
    """Reads objects of one kind: what follows their headers starts at `starts`, `sizes` long."""

    def __call__(
        self, data: bytes, starts: Places, sizes: Places, heads: NDArray[np.void], /
    ) -> _Frames: ...


def frames_of(data: bytes, places: Places, start_s: float) -> Piece | None:
    """Return the frames among the objects at `places`, stamped from `start_s` on, in seconds.

    None if only python-can knows what it makes of them. `PAD` must stand behind the last object.
    """
    heads = _loaded(_HEADER, data, places)
    known = (heads["version"] == 1) | (heads["version"] == 2)
    kinds = np.where(known, heads["kind"], 0)
    chosen = _of_known_kinds(kinds)
    heads, kinds, places = heads[chosen], kinds[chosen], places[chosen]
    if not len(places):
        return Piece.of(Block.from_frames([]))
    times_ns = _times_ns(heads, start_s)
    frames = _frames(data, places, heads, kinds)
    if times_ns is None or not frames.right.all():
        return None
    _, channel, identifiers, flags, lengths, held, data_at = frames
    channels, channel_numbers = _numbered(channel)
    width = 64 if lengths.max() > 8 else 8
    return Piece(
        channels,
        times_ns,
        channel_numbers,
        identifiers,
        flags,
        lengths,
        lambda rows: _data(data, data_at[rows], held[rows], width),
    )


def _loaded(layout: np.dtype[np.void], data: bytes, places: Places) -> NDArray[np.void]:
    # Picked as plain bytes: NumPy copies structures field by field.
    size = layout.itemsize
    cells = np.ndarray((len(data) - size + 1,), np.dtype((np.void, size)), data, strides=(1,))
    return cells[places].view(layout)


def _of_known_kinds(kinds: NDArray[np.uint32]) -> Chosen:
    if len(kinds) and kinds[0] in _READERS and (kinds == kinds[0]).all():
        return slice(None)
    return np.flatnonzero(np.isin(kinds, list(_READERS)))


def _times_ns(heads: NDArray[np.void], start_s: float) -> NDArray[np.int64] | None:
    """Return stamps rounded to microseconds as python-can's floats are; None where not sure."""
    stamps = heads["stamp"].astype(np.uint64)
    if (stamps >= _EXACT).any():
        return None
    units = np.where(heads["flags"] == _TEN_MICROSECONDS, 1e5, 1e9)
    times_us = np.rint((stamps.astype(np.float64) / units + start_s) * 1e6)
    if (np.abs(times_us) >= LATEST_NS / 1000).any():
        return None
    return times_us.astype(np.int64) * 1000


def _frames(
    data: bytes, places: Places, heads: NDArray[np.void], kinds: NDArray[np.uint32]
) -> _Frames:
    """Read objects of known kinds."""
    within = np.where(heads["version"] == 1, _HEADER_BYTES[1], _HEADER_BYTES[2])
    starts = places + within
    sizes = heads["size"].astype(np.intp) - within
    if (kinds == kinds[0]).all():
        return _READERS[kinds[0]](data, starts, sizes, heads)
    parts = []
    for kind in np.unique(kinds).tolist():
        rows = np.flatnonzero(kinds == kind)
        parts.append((rows, _READERS[kind](data, starts[rows], sizes[rows], heads[rows])))
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    right, channel, identifiers, flags, length, held, data_at = (
        np.concatenate(columns)[order] for columns in zip(*(part for _, part in parts), strict=True)
    )
    return _Frames(right, channel, identifiers, flags, length, held, data_at)


def _classic(data: bytes, starts: Places, sizes: Places, _: NDArray[np.void]) -> _Frames:
    found = _loaded(_CLASSIC, data, starts)
    remote = (found["flags"] & _REMOTE_BIT) != 0
    held = np.where(remote, 0, np.minimum(found["dlc"], 8))
    flags = _flags(found["id"], remote, (found["flags"] & _SENT_BIT) != 0)
    return _Frames(
        sizes >= 16,
        found["channel"],
        found["id"] & _ID,
        flags,
        np.where(remote, found["dlc"], held),
        held,
        starts + 8,
    )


def _error(data: bytes, starts: Places, sizes: Places, _: NDArray[np.void]) -> _Frames:
    found = _loaded(_ERROR, data, starts)
    held = np.minimum(found["dlc"], 8)
    return _Frames(
        sizes >= 32,
        found["channel"],
        found["id"] & _ID,
        np.full(len(starts), ERROR, np.uint8),
        held,
        held,
        starts + 24,
    )


def _fd(data: bytes, starts: Places, sizes: Places, _: NDArray[np.void]) -> _Frames:
    found = _loaded(_FD, data, starts)
    remote = (found["flags"] & _REMOTE_BIT) != 0
    held = np.where(remote, 0, np.minimum(found["valid"], 64))
    flags = _flags(found["id"], remote, (found["flags"] & _SENT_BIT) != 0)
    for bit, flag in ((1, FD), (2, BITRATE_SWITCH), (4, ERROR_STATE)):
        flags |= np.where(found["fd_flags"] & bit, np.uint8(flag), np.uint8(0))
    return _Frames(
        sizes >= 84,
        found["channel"],
        found["id"] & _ID,
        flags,
        np.where(remote, _LENGTHS[found["dlc"]], held),
        held,
        starts + 20,
    )


def _fd_64(data: bytes, starts: Places, sizes: Places, heads: NDArray[np.void]) -> _Frames:
    found = _loaded(_FD_64, data, starts)
    remote = (found["fd_flags"] & 0x0010) != 0
    length = np.where(remote, 0, np.minimum(found["valid"], 64))
    extension_at = found["extension_at"].astype(np.intp)
    data_end = np.where(extension_at, extension_at, heads["size"]) - heads["header_size"]
    room = data_end.astype(np.intp) - 40
    flags = _flags(found["id"], remote, found["direction"] != 0)
    for bit, flag in ((0x1000, FD), (0x2000, BITRATE_SWITCH), (0x4000, ERROR_STATE)):
        flags |= np.where(found["fd_flags"] & bit, np.uint8(flag), np.uint8(0))
    return _Frames(
        (sizes >= 40) & (room >= 0) & (np.minimum(found["valid"], room) <= sizes - 40),
        found["channel"].astype(np.uint16),
        found["id"] & _ID,
        flags,
        np.where(remote, _LENGTHS[found["dlc"]], length),
        np.clip(room, 0, length).astype(np.uint8),
        starts + 40,
    )


_READERS: Final[dict[int, _Reader]] = {1: _classic, 86: _classic, 73: _error, 100: _fd, 101: _fd_64}
"""By the kind of the object."""


def _flags(identifiers: NDArray[np.uint32], remote: Marked, sent: Marked) -> NDArray[np.uint8]:
    extended = ((identifiers & _EXTENDED_BIT) != 0) | ((identifiers & _ID) > _STANDARD_IDS)
    flags = np.where(sent, np.uint8(TX), np.uint8(RX))
    flags |= extended.view(np.uint8) * np.uint8(EXTENDED)
    flags |= remote.view(np.uint8) * np.uint8(REMOTE)
    return flags


def _numbered(channel: NDArray[np.uint16]) -> tuple[tuple[int, ...], NDArray[np.int16]]:
    """Return the channels there are, and for each row its place among them."""
    if (channel == channel[0]).all():
        return (int(channel[0]),), np.zeros(len(channel), np.int16)
    met, places = np.unique(channel, return_inverse=True)
    return tuple(met.tolist()), places.astype(np.int16)


def _data(data: bytes, starts: Places, held: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    layout = np.dtype((np.void, width))
    cells = np.ndarray((len(data) - width + 1,), layout, data, strides=(1,))[starts]
    masks = _FIRST_OF_8 if width == 8 else _FIRST_OF_64
    filled: NDArray[np.uint8] = cells.view(np.uint8).reshape(-1, width) * masks[held]
    return filled
