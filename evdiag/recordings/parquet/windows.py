"""An archive's rows put back into the order of its source, a window at a time.

The table is sorted by channel, so the frames of each channel come from row groups of their own. A
window holds what its channels have up to the row that the slowest of them has reached: a row group
of each is in memory, whatever the length of the recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.block import REMOTE, RX, TX
from evdiag.recordings.parquet.arrow import DisorderError
from evdiag.recordings.parquet.columns import (
    LONGEST_DATA,
    data_in,
    known_in,
    number_column,
    numbers_in,
    sizes_in,
)
from evdiag.recordings.stamps import LATEST_NS

if TYPE_CHECKING:
    import pyarrow as pa

    from evdiag.recordings.parquet.facts import ArchiveFacts
    from evdiag.recordings.parquet.read_ahead import ReadAhead

    Chosen = slice | NDArray[np.intp]

_ALWAYS: Final = ("time_ns", "id", "flags", "length")

_ROWS_A_WINDOW: Final = 1 << 15
"""So many stay near the processor while all that is asked of them is worked out."""


@dataclass(frozen=True)
class Window:
    """Rows `first` to `end` of a source, in its order, as in `Piece`; stamps are the source's.

    `data` gives the bytes of chosen rows, `texts` the kept texts of rows as (row, text), the row
    counted from the window's first.
    """

    first: int
    stamp_ns: NDArray[np.int64]
    channel: NDArray[np.int16]
    id: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    length: NDArray[np.uint8]
    data: Callable[[Chosen], NDArray[np.uint8]]
    texts: Callable[[], list[tuple[int, bytes]]]

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.first + len(self.stamp_ns)


def windows(ahead: ReadAhead, facts: ArchiveFacts) -> Iterator[Window]:
    """Yield all rows of an archive.

    Only columns that everything needs are read at once; what else is asked for may be asked until
    the next window is taken.

    Raises:
        DisorderError: the table is damaged.
    """
    numbers = sorted({group.channel for group in facts.groups})
    streams = [_Stream(ahead, facts, number) for number in numbers]
    if len(streams) == 1 and not any(facts.disorder):
        yield from _one_after_the_other(streams[0])
    else:
        yield from _merged(streams)


class _Rows:
    """Loaded rows of one channel, in the order of the source."""

    def __init__(self, table: pa.Table, column: Callable[[str], pa.Array]) -> None:
        self.row = _numbers(table, "row", np.int64) if "row" in table.column_names else None
        self.stamp_ns = _numbers(table, "time_ns", np.int64)
        if "shift_ns" in table.column_names:
            self.stamp_ns = self.stamp_ns - _numbers(table, "shift_ns", np.int64)
        self.id = _numbers(table, "id", np.uint32)
        self.flags = _numbers(table, "flags", np.uint8)
        self.length = _numbers(table, "length", np.uint8)
        self._column = column
        self._columns: dict[str, pa.Array] = {}

    def __len__(self) -> int:
        return len(self.stamp_ns)

    def checked(self, first: int, end: int) -> slice:
        """Return these rows; refuse what no reader yields, before anybody counts or writes them."""
        rows = slice(first, end)
        if first == end:
            return rows
        flags, stamp_ns = self.flags[rows], self.stamp_ns[rows]
        if _sizes(flags, self.length[rows]).max() > LONGEST_DATA:
            raise DisorderError("a frame is longer than frames are")
        if ((flags & (RX | TX)) == RX | TX).any():
            raise DisorderError("a frame was received and sent at once")
        if stamp_ns.max() > LATEST_NS or stamp_ns.min() < -LATEST_NS:
            raise DisorderError("a stamp is no time")
        return rows

    def data(self, chosen: Chosen) -> NDArray[np.uint8]:
        """Return the bytes of chosen rows."""
        return data_in(self._named("data"), chosen)

    def texts(self, first: int, end: int) -> tuple[NDArray[np.intp], list[bytes]]:
        """Return which of these rows have kept texts, counted from `first`, and the texts."""
        column = self._named("source_text").slice(first, end - first)
        if column.null_count == len(column):
            return np.empty(0, np.intp), []
        return known_in(column), column.drop_null().to_pylist()

    def _named(self, name: str) -> pa.Array:
        if name not in self._columns:
            column = self._column(name)
            if name == "data" and (sizes_in(column) != _sizes(self.flags, self.length)).any():
                raise DisorderError("a frame has not the bytes that it should have")
            self._columns[name] = column
        return self._columns[name]


class _Stream:
    """The rows of one channel, loaded row group by row group."""

    def __init__(self, ahead: ReadAhead, facts: ArchiveFacts, channel: int) -> None:
        self.channel = channel
        self.rows: _Rows | None = None
        self.at = 0
        self._ahead = ahead
        self._groups = [n for n, group in enumerate(facts.groups) if group.channel == channel]
        self._disorder = facts.disorder[channel]
        self._columns = [*_ALWAYS, *(["shift_ns"] if facts.shifted else [])]
        self._left: pa.Table | None = None
        self._group: int | None = None

    @property
    def has_more(self) -> bool:
        """Whether more rows follow those that are loaded."""
        return bool(self._groups) or self._left is not None

    def load(self, with_row: bool) -> _Rows:
        """Load what comes next."""
        self.at = 0
        self.rows = self._sorted() if self._disorder else self._next(with_row)
        return self.rows

    def _next(self, with_row: bool) -> _Rows:
        columns = [*self._columns, *(["row"] if with_row else [])]
        if self._group is not None:
            self._ahead.forget(self._group)
        elif not with_row:
            self._ahead.begin(self._groups[0], ["data"])
        group = self._group = self._groups.pop(0)
        following = self._groups[0] if self._groups else None
        read = self._ahead.read
        return _Rows(
            read(group, columns, following),
            lambda name: _whole(read(group, [name], following).column(name)),
        )

    def _sorted(self) -> _Rows:
        """Load so much that the rows up to a place are all there, and put those in order."""
        import pyarrow as pa

        columns = [*self._columns, "row", "data", "source_text"]
        tables = [] if self._left is None else [self._left]
        whole = 0
        while whole <= 0 and (self._groups or not tables):
            group = self._groups.pop(0)
            following = self._groups[0] if self._groups else None
            tables.append(self._ahead.read(group, columns, following))
            whole = sum(len(table) for table in tables) - self._disorder
        table = pa.concat_tables(tables).combine_chunks()
        order = np.argsort(_numbers(table, "row", np.int64), kind="stable")
        table = table.take(number_column(order, pa.int64()))
        if not self._groups:
            whole = len(table)
        self._left = table.slice(whole) if whole < len(table) else None
        ready = table.slice(0, whole)
        return _Rows(ready, lambda name: _whole(ready.column(name)))


def _one_after_the_other(stream: _Stream) -> Iterator[Window]:
    before = 0
    while stream.has_more:
        rows = stream.load(with_row=False)
        for first in range(0, len(rows), _ROWS_A_WINDOW):
            yield _window_of(rows, first, stream.channel, before)
        before += len(rows)


def _window_of(rows: _Rows, first: int, channel: int, before: int) -> Window:
    """Return a window of one channel's rows, `before` of which were loaded earlier."""
    end = min(first + _ROWS_A_WINDOW, len(rows))
    chosen = rows.checked(first, end)
    return Window(
        before + first,
        rows.stamp_ns[chosen],
        np.full(end - first, channel, np.int16),
        rows.id[chosen],
        rows.flags[chosen],
        rows.length[chosen],
        lambda wanted: rows.data(_further(wanted, first, end)),
        lambda: _paired(*rows.texts(first, end)),
    )


def _further(chosen: Chosen, first: int, end: int) -> Chosen:
    """Return the places among all rows of places among those from `first` to `end`."""
    if not isinstance(chosen, slice):
        return chosen + first
    start, stop, step = chosen.indices(end - first)
    return slice(first + start, first + max(start, stop), step)


class _Part(NamedTuple):
    """Loaded rows `first` to `end` of a channel, which go to `places` of a window."""

    channel: int
    rows: _Rows
    first: int
    end: int
    places: NDArray[np.int64]


def _merged(streams: Sequence[_Stream]) -> Iterator[Window]:
    first = 0
    while True:
        for stream in streams:
            if stream.rows is None or (stream.at == len(stream.rows) and stream.has_more):
                stream.load(with_row=True)
        limits = [int(_rows_of(s)[-1]) for s in streams if s.has_more]
        parts = [_taken(stream, first, min(limits, default=None)) for stream in streams]
        count = sum(part.end - part.first for part in parts)
        if not count:
            if any(stream.has_more for stream in streams):
                raise DisorderError("rows are not in their order")
            return
        yield _window(first, count, parts)
        first += count


def _rows_of(stream: _Stream) -> NDArray[np.int64]:
    assert stream.rows is not None
    assert stream.rows.row is not None
    return stream.rows.row


def _taken(stream: _Stream, first: int, limit: int | None) -> _Part:
    """Take a channel's rows up to a limit."""
    row = _rows_of(stream)
    assert stream.rows is not None
    at = stream.at
    end = len(row) if limit is None else int(np.searchsorted(row, limit, "right"))
    if end < at:
        raise DisorderError("rows are not in their order")
    stream.at = end
    stream.rows.checked(at, end)
    return _Part(stream.channel, stream.rows, at, end, row[at:end] - first)


def _window(first: int, count: int, parts: Sequence[_Part]) -> Window:
    number = np.full(count, -1, np.int16)
    index = np.empty(count, np.intp)
    for n, part in enumerate(parts):
        if len(part.places) and not 0 <= part.places.min() <= part.places.max() < count:
            raise DisorderError("rows are missing or there twice")
        number[part.places] = n
        index[part.places] = np.arange(part.first, part.end)
    if (number < 0).any():
        raise DisorderError("rows are missing or there twice")

    def column(name: str, kind: type[np.generic]) -> NDArray[Any]:
        whole = np.empty(count, kind)
        for part in parts:
            whole[part.places] = getattr(part.rows, name)[part.first : part.end]
        return whole

    def data(chosen: Chosen) -> NDArray[np.uint8]:
        return _gathered(parts, number[chosen], index[chosen])

    channels = np.array([part.channel for part in parts], np.int16)
    return Window(
        first,
        column("stamp_ns", np.int64),
        channels[number],
        column("id", np.uint32),
        column("flags", np.uint8),
        column("length", np.uint8),
        data,
        lambda: sorted(pair for part in parts for pair in _texts(part)),
    )


def _gathered(
    parts: Sequence[_Part], number: NDArray[np.int16], index: NDArray[np.intp]
) -> NDArray[np.uint8]:
    """Return the bytes of rows, each from the part that holds it."""
    matrix = np.zeros((len(number), 8), np.uint8)
    for n, part in enumerate(parts):
        places = np.flatnonzero(number == n)
        if not len(places):
            continue
        data = part.rows.data(index[places])
        if data.shape[1] > matrix.shape[1]:
            matrix = np.pad(matrix, ((0, 0), (0, data.shape[1] - matrix.shape[1])))
        matrix[places, : data.shape[1]] = data
    return matrix


def _texts(part: _Part) -> Iterator[tuple[int, bytes]]:
    places, texts = part.rows.texts(part.first, part.end)
    return zip(part.places[places].tolist(), texts, strict=True)


def _paired(places: NDArray[np.intp], texts: list[bytes]) -> list[tuple[int, bytes]]:
    return list(zip(places.tolist(), texts, strict=True))


def _sizes(flags: NDArray[np.uint8], length: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how many bytes frames have: a remote frame says how many it asks for, and has none."""
    remote = flags & REMOTE
    return np.where(remote, np.uint8(0), length) if remote.any() else length


def _numbers(table: pa.Table, name: str, kind: type[np.number[Any]]) -> NDArray[Any]:
    return numbers_in(_whole(table.column(name)), kind)


def _whole(column: Any) -> Any:
    """Return the one array that a column of a row group is."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks()
