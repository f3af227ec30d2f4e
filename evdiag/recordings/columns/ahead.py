"""A text read ahead in a second process, while the first works on what came before.

The second process finds the plain rows of piece after piece and puts them into memory that both
have. It decides nothing: what it does not know, or leaves undone when it ends, the first process
reads as it would alone. Linux only, where a process is copied in a moment.
"""

from __future__ import annotations

import mmap
import os
import pickle
import select
import signal
import struct
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs.piece import Piece
from evdiag.recordings.columns.whole_lines import MARGIN, Lines, whole_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evdiag.inputs import Channel
    from evdiag.recordings.columns.rows import Rows
    from evdiag.recordings.columns.text_columns import TextFormat
    from evdiag.recordings.columns.whole_lines import Text
    from evdiag.recordings.source import Source

WORTH_IT_BYTES: Final = 16 << 20
"""As it lies on the disk: a shorter file is read before two processes have come to terms."""

_PLACES: Final = 6
"""How many pieces there may be between the two processes."""
_FEW: Final = 3
"""With no more of them on the way, the first process will have nothing to do before long."""

_SHORTEST_ROW: Final = 16
_COLUMNS: Final = tuple(
    (name, np.dtype(kind))
    for name, kind in (
        ("time_ns", "i8"),
        ("id", "u4"),
        ("data_at", "i4"),
        ("channel", "i2"),
        ("flags", "u1"),
        ("length", "u1"),
    )
)
_LENGTH: Final = struct.Struct("<I")


class PlainRows(NamedTuple):
    """The rows of a piece in which every line is one, found under `layout`.

    `last_at` is where the last row starts in the text.
    """

    piece: Piece
    layout: object
    last_at: int


class _Said(NamedTuple):
    """What the second process says of one piece; `rows` is None where it is to be read anew."""

    place: int
    first: int
    end: int
    rows: int | None = None
    layout: object = None
    channels: tuple[Channel, ...] = ()
    last_at: int = 0


class _End(NamedTuple):
    """The text has ended; it was `cut_short` or not."""

    cut_short: bool


class _Place:
    """Room for one piece: its text, and the columns of its rows."""

    def __init__(self, size: int) -> None:
        self.text = mmap.mmap(-1, MARGIN + size + MARGIN)
        most = size // _SHORTEST_ROW + 1
        self.most = most
        columns = mmap.mmap(-1, most * sum(kind.itemsize for _, kind in _COLUMNS))
        self.columns: dict[str, NDArray[Any]] = {}
        offset = 0
        for name, kind in _COLUMNS:
            self.columns[name] = np.frombuffer(columns, kind, most, offset)
            offset += most * kind.itemsize

    def put_rows(self, rows: Rows) -> None:
        """Take the rows of the text."""
        count = len(rows.piece)
        columns = self.columns
        for name in ("time_ns", "id", "channel", "flags", "length"):
            columns[name][:count] = getattr(rows.piece, name)
        columns["data_at"][:count] = rows.data_at


def worth_it(source: Source) -> bool:
    """Tell whether a second process would be of use for this recording, here and now."""
    if not sys.platform.startswith("linux") or threading.active_count() > 1:
        return False
    if _is_a_worker() or len(os.sched_getaffinity(0)) < 2:
        return False
    return source.bytes_on_disk >= WORTH_IT_BYTES


def _is_a_worker() -> bool:
    """Tell whether others do the same beside this process (`evdiag scan`): all cores are taken."""
    if "multiprocessing" not in sys.modules:
        return False
    from multiprocessing import parent_process

    return parent_process() is not None


def lines_ahead(
    source: Source, form: TextFormat, size: int, skip: int
) -> Iterator[tuple[Lines, PlainRows | None]]:
    """Yield the text in pieces that end where a line ends, and their rows where they are known.

    `form` is for the second process alone. The first `skip` bytes are no part of the text.
    """
    read = skip
    places = [_Place(size) for _ in range(_PLACES)]
    with _Other(source, form, places, size, skip) as other:
        for said in other.said():
            if isinstance(said, _End):
                source.cut_short |= said.cut_short
                return
            place = places[said.place]
            lines = Lines(place.text, said.first, said.end)
            yield lines, _rows(place, said, form.data)
            read += said.end - said.first
            other.free(said.place)
    # It ended without a word: what it would have said is read here.
    with source.open() as stream:
        _pass_over(stream, read)
        for lines in whole_lines(stream, size):
            yield lines, None


def _pass_over(stream: Any, count: int) -> None:
    while count > 0 and (passed := len(stream.read(min(count, 1 << 20)))):
        count -= passed


def _rows(place: _Place, said: _Said, data: Callable[..., NDArray[np.uint8]]) -> PlainRows | None:
    if said.rows is None:
        return None
    # Copies, all but one: columns live longer than the piece whose place is used again.
    time_ns, identifiers, channel, flags, lengths = (
        place.columns[name][: said.rows].copy()
        for name in ("time_ns", "id", "channel", "flags", "length")
    )
    data_at, text = place.columns["data_at"], place.text
    count = said.rows

    def read_data(chosen: Any) -> NDArray[np.uint8]:
        return data(text, data_at[:count][chosen].astype(np.intp), lengths[chosen])

    piece = Piece(said.channels, time_ns, channel, identifiers, flags, lengths, read_data)
    return PlainRows(piece, said.layout, said.last_at)


class _Other:
    """The second process, from its beginning to its end."""

    def __init__(
        self, source: Source, form: TextFormat, places: list[_Place], size: int, skip: int
    ) -> None:
        from_other, to_first = os.pipe()
        from_first, to_other = os.pipe()
        self.process = os.fork()
        if not self.process:
            os.close(from_other)
            os.close(to_other)
            _second_process(source, form, places, size, skip, from_first, to_first)
        os.close(to_first)
        os.close(from_first)
        self._from = os.fdopen(from_other, "rb")
        self._to = to_other

    def __enter__(self) -> _Other:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        self._from.close()
        os.close(self._to)

    def said(self) -> Iterator[_Said | _End]:
        """Yield what it says until it ends."""
        while len(length := self._from.read(_LENGTH.size)) == _LENGTH.size:
            (count,) = _LENGTH.unpack(length)
            text = self._from.read(count)
            if len(text) < count:
                return
            yield pickle.loads(text)

    def free(self, place: int) -> None:
        """Let it use a place again."""
        with suppress(BrokenPipeError):
            os.write(self._to, bytes([place]))


def _second_process(
    source: Source,
    form: TextFormat,
    places: list[_Place],
    size: int,
    skip: int,
    from_first: int,
    to_first: int,
) -> None:
    """Work until the text has ended, or the first process wants no more; never returns."""
    try:
        # Ctrl-C is for the first process: it ends this one, too.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _find_rows(source, form, places, size, skip, from_first, to_first)
    finally:
        # Not as Python ends: what was written and not yet printed is the first process's.
        os._exit(0)


def _find_rows(
    source: Source,
    form: TextFormat,
    places: list[_Place],
    size: int,
    skip: int,
    from_first: int,
    to_first: int,
) -> None:
    places_free = _FreePlaces(from_first, len(places))
    is_idle = is_first = True
    number: int | None = None

    def room_for_next() -> Text | None:
        nonlocal number
        number = places_free.take()
        return None if number is None else places[number].text

    with source.open() as stream:
        stream.read(skip)
        for lines in whole_lines(stream, size, room_for_next):
            if number is None or lines.buffer is not places[number].text:
                # One line is longer than a place: the first process reads it, and what follows.
                return
            if is_first:
                form.learn(lines)
                is_first = False
            said = _Said(number, lines.first, lines.end)
            if is_idle:
                # One that has nothing to do can as well read: each of the two does its share.
                is_idle = False
            else:
                said = _found(lines, form, places[number], said)
                is_idle = places_free.few_are_taken()
            _say(to_first, said)
    if number is not None:
        _say(to_first, _End(source.cut_short))


class _FreePlaces:
    """The places that the first process has done with."""

    def __init__(self, from_first: int, count: int) -> None:
        self._from_first = from_first
        self._count = count
        self._free = list(range(count))

    def take(self) -> int | None:
        """Take one, wait for one where there is none; None where there will be none any more."""
        if not self._free and not self._more():
            return None
        return self._free.pop()

    def few_are_taken(self) -> bool:
        """Tell whether the first process waits, or soon will, for what was taken last."""
        while select.select([self._from_first], [], [], 0)[0] and self._more():
            pass
        return self._count - len(self._free) <= _FEW

    def _more(self) -> bool:
        numbers = os.read(self._from_first, self._count)
        self._free += numbers
        return bool(numbers)


def _found(lines: Lines, form: TextFormat, place: _Place, said: _Said) -> _Said:
    if not lines.are_whole:
        return said
    rows = form.plain_rows(lines)
    if not rows.plain.all() or len(rows.piece) > place.most:
        return said
    place.put_rows(rows)
    return said._replace(
        rows=len(rows.piece),
        layout=form.layout,
        channels=rows.piece.channels,
        last_at=int(rows.starts[-1]),
    )


def _say(to_first: int, said: _Said | _End) -> None:
    text = pickle.dumps(said)
    left = memoryview(_LENGTH.pack(len(text)) + text)
    while left:
        left = left[os.write(to_first, left) :]
