"""Where the objects of a stretch of BLF start, each found from the one before."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.recordings.columns.blf_containers import OBJECT, SIGNATURE
from evdiag.recordings.columns.rows import Places

_PADDING: Final = 4
"""So many bytes at most stand between two objects."""
_WORTH_IT: Final = 16
"""Objects of the same size in a row, from which on it pays to look at them all at once."""

_SIGNATURE: Final = np.frombuffer(SIGNATURE, "<u4")[0]
_HEAD: Final = np.dtype(
    {"names": ["signature", "size"], "formats": ["<u4", "<u4"], "offsets": [0, 8], "itemsize": 16}
)


class Chain(NamedTuple):
    """The objects that are whole; all before `end` is done with.

    `is_damaged`: at `end` there should be an object, and there is none. `is_endless`: there is one
    of no size, which would come again and again.
    """

    places: Places
    end: int
    is_damaged: bool = False
    is_endless: bool = False


def object_chain(data: bytes, end: int) -> Chain:
    """Find the objects in the first `end` bytes of `data`.

    Their headers tell where the next ones are: their data may hold what looks like a header.
    """
    even = _even_run(data, end)
    place = int(even[-1] + (even[1] - even[0])) if len(even) else 0
    rest = _linked(data, place, end)
    return rest if not len(even) else rest._replace(places=np.append(even, rest.places))


def _even_run(data: bytes, end: int) -> Places:
    """Return the objects from the first one on that are of one size, without padding."""
    none = np.empty(0, np.intp)
    first = data.find(SIGNATURE, 0, min(2 * _PADDING, end))
    if first < 0 or first + OBJECT.size > end:
        return none
    size = OBJECT.unpack_from(data, first)[3]
    if size < OBJECT.size:
        return none
    count = (end - first) // size
    heads = np.ndarray((count,), _HEAD, data, first, (size,))
    alike = (heads["signature"] == _SIGNATURE) & (heads["size"] == size)
    if not alike.all():
        count = int(np.argmin(alike))
    return first + np.arange(count) * size if count >= _WORTH_IT else none


def _linked(data: bytes, place: int, end: int) -> Chain:
    """Follow the objects from `place` on."""
    found = _signatures(data, place, end)
    ends = found + _sizes(data, found)
    followed = (found[1:] >= ends[:-1]) & (found[1:] <= ends[:-1] + _PADDING)
    breaks = np.append(np.flatnonzero(~followed), len(found) - 1)
    runs: list[Places] = []
    while True:
        number = int(np.searchsorted(found, place))
        if number == len(found) or found[number] > place + _PADDING:
            return Chain(_joined(runs), place, _is_damaged(data, place, end))
        last = int(breaks[np.searchsorted(breaks, number)])
        is_endless = bool(ends[last] == found[last])
        if is_endless or ends[last] > end:
            runs.append(found[number:last])
            place = int(ends[last - 1]) if last > number else place
            return Chain(_joined(runs), place, is_endless=is_endless)
        runs.append(found[number : last + 1])
        place = int(ends[last])


def _is_damaged(data: bytes, place: int, end: int) -> bool:
    """Tell whether what comes at `place` is no object, not even the start of one."""
    if data.find(SIGNATURE, place, min(place + 2 * _PADDING, end)) >= 0:
        return False
    return place + 2 * _PADDING <= end


def _signatures(data: bytes, place: int, end: int) -> Places:
    """Return where a whole header may start."""
    text = np.frombuffer(data, np.uint8)[place:end]
    if len(text) < OBJECT.size:
        return np.empty(0, np.intp)
    length = len(text) - OBJECT.size + 1
    met = text[:length] == SIGNATURE[0]
    for at in range(1, len(SIGNATURE)):
        met &= text[at : at + length] == SIGNATURE[at]
    return np.flatnonzero(met) + place


def _sizes(data: bytes, places: Places) -> NDArray[np.int64]:
    if not len(places):
        return np.empty(0, np.int64)
    heads = np.ndarray((len(data) - _HEAD.itemsize + 1,), _HEAD, data, strides=(1,))[places]
    sizes: NDArray[np.int64] = heads["size"].astype(np.int64)
    return sizes


def _joined(runs: list[Places]) -> Places:
    return np.concatenate(runs) if runs else np.empty(0, np.intp)
