"""Lines of text, straight from bytes to pieces; what is not plain is read by a careful reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

from evdiag.inputs import Block, BusEvent, Frame
from evdiag.inputs.piece import Piece
from evdiag.recordings.columns.ahead import lines_ahead, worth_it
from evdiag.recordings.columns.memory import keep_freed_memory
from evdiag.recordings.columns.merging import merged, part
from evdiag.recordings.columns.rows import Rows, none_plain
from evdiag.recordings.columns.whole_lines import Lines, whole_lines
from evdiag.recordings.stamps import LATEST_NS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from evdiag.recordings.columns.ahead import PlainRows
    from evdiag.recordings.columns.rows import Places
    from evdiag.recordings.columns.whole_lines import Text
    from evdiag.recordings.source import Source

BUFFER_BYTES: Final = 1 << 20
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MOST_LAYOUTS: Final = 3
"""In one piece; a text with more of them is not worth reading fast there."""


class TextFormat(Protocol):
    """How the lines of a format are read: many plain rows at once, all others with care."""

    @property
    def layout(self) -> object:
        """What plain rows are told by; those found under another layout are none."""

    def plain_rows(self, lines: Lines) -> Rows:
        """Find the plain rows of `lines`, which end in LF."""

    def data(
        self, buffer: Text, places: Places, lengths: NDArray[np.uint8], /
    ) -> NDArray[np.uint8]:
        """Read the data that stand at `places`, of rows that are plain."""

    def learn(self, lines: Lines) -> None:
        """Learn from the first lines by what plain rows are told, where nobody has."""

    def pass_by(self, row: str, piece: Piece) -> None:
        """Learn of the plain rows of `piece` what the careful reader must know of them.

        `row` is the text of the last one; no frame was read with care after it.
        """

    def items(self, lines: Iterable[tuple[int, str]]) -> Iterator[Frame | BusEvent]:
        """Read numbered lines with care; trouble is counted in the report.

        Between two calls, and two lines, plain rows may have passed by.
        """


class _Odd(NamedTuple):
    """What the lines that are not plain hold, and the row of the piece at which each stands."""

    items: list[Frame | BusEvent]
    rows: list[int]


class _OddLines:
    """Hands the lines that are not plain to a careful reader, while the layout stays the same."""

    def __init__(self, lines: Lines, rows: Rows, number: int, form: TextFormat) -> None:
        self._lines = lines
        self._rows = rows
        self._form = form
        self._layout = form.layout
        self._more = 0
        self._number = number
        self.row = -1

    def __iter__(self) -> Iterator[tuple[int, str]]:
        odd = np.flatnonzero(~self._rows.plain)
        starts, ends = self._rows.starts[odd].tolist(), self._rows.ends[odd].tolist()
        for row, start, end in zip(odd.tolist(), starts, ends, strict=True):
            if self._is_over:
                return
            self.row = row
            texts = texts_of(self._lines, start, end)
            yield from enumerate(texts, self._number + row + self._more)
            # A bare CR ends a line for the careful reader only.
            self._more += len(texts) - 1

    @property
    def _is_over(self) -> bool:
        return self._form.layout != self._layout

    @property
    def rows_read(self) -> int:
        """How many rows were read, plain ones and others, when the reader has ended."""
        return self.row + 1 if self._is_over else len(self._rows.plain)

    @property
    def lines_read(self) -> int:
        """How many lines those are for the careful reader."""
        return self.rows_read + self._more


def text_columns(
    source: Source, form: TextFormat, ahead: TextFormat, *, size: int = BUFFER_BYTES
) -> Iterator[Piece | Frame | BusEvent]:
    """Yield in pieces what the careful reader of `form` yields item by item; UTF-8 only.

    A frame comes by itself where no piece can hold it, or where the report must know all before
    it. Only some times `size` bytes are held at a time. A long text is read ahead by a second
    process, with `ahead`, which is told nothing of what `form` is.
    """
    keep_freed_memory()
    number = 1
    for lines, ready in _lines(source, ahead, size):
        if ready is not None and ready.layout == form.layout:
            (text,) = texts_of(lines, ready.last_at, lines.end)
            form.pass_by(text, ready.piece)
            number += len(ready.piece)
            yield ready.piece
            continue
        if not lines.are_whole:
            texts = texts_of(lines, lines.first, lines.end)
            yield from form.items(enumerate(texts, number))
            number += len(texts)
            continue
        layouts = 0
        while lines.first < lines.end:
            layouts += 1
            rows = form.plain_rows(lines) if layouts <= _MOST_LAYOUTS else none_plain(lines)
            odd, rows, read = _read(lines, rows, number, form)
            number += read
            yield from _in_order(rows, odd)
            lines = Lines(lines.buffer, int(rows.ends[-1]), lines.end)


def _lines(
    source: Source, ahead: TextFormat, size: int
) -> Iterator[tuple[Lines, PlainRows | None]]:
    """Yield pieces that end where a line ends, with their rows where those are known already."""
    skip = len(_BYTE_ORDER_MARK) if source.bom else 0
    if worth_it(source):
        yield from lines_ahead(source, ahead, size, skip)
        return
    with source.open() as stream:
        stream.read(skip)
        for lines in whole_lines(stream, size):
            yield lines, None


def _read(lines: Lines, rows: Rows, number: int, form: TextFormat) -> tuple[_Odd, Rows, int]:
    """Read the lines that are not plain, the first line being `number`.

    Returns what they hold, the rows up to where the layout changes, and how many lines they are.
    """
    odd = _Odd([], [])
    read = len(rows.plain)
    if not rows.plain.all():
        odd_lines = _OddLines(lines, rows, number, form)
        for item in form.items(odd_lines):
            odd.items.append(item)
            odd.rows.append(odd_lines.row)
        rows, read = rows.first(odd_lines.rows_read), odd_lines.lines_read
    if len(rows.piece):
        last = int(np.flatnonzero(rows.plain)[-1])
        if not odd.rows or odd.rows[-1] < last:
            (text,) = texts_of(lines, rows.starts[last], rows.ends[last])
            form.pass_by(text, rows.piece)
    return odd, rows, read


def texts_of(lines: Lines, first: int, end: int) -> list[str]:
    """Return the lines of a stretch as the careful reader gets them."""
    text = lines.buffer[first:end].decode("utf-8", "surrogateescape")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    *whole, rest = text.split("\n")
    texts = [line + "\n" for line in whole]
    return [*texts, rest] if rest else texts


def _in_order(rows: Rows, odd: _Odd) -> Iterator[Piece | Frame | BusEvent]:
    """Yield the plain rows, and what the other lines hold, in the order of the lines."""
    if not odd.items:
        if len(rows.piece):
            yield rows.piece
        return
    before = np.searchsorted(np.flatnonzero(rows.plain), odd.rows)
    if any(abs(item.time_ns) >= LATEST_NS for item in odd.items):
        yield from _one_by_one(rows.piece, odd.items, before.tolist())
        return
    are_frames = np.array([isinstance(item, Frame) for item in odd.items])
    frames = [item for item in odd.items if isinstance(item, Frame)]
    piece = rows.piece
    if frames:
        piece = merged(piece, Block.from_frames(frames), before[are_frames])
    before += np.cumsum(are_frames)
    done = 0
    for item, place in zip(odd.items, before.tolist(), strict=True):
        if isinstance(item, BusEvent):
            if place > done:
                yield part(piece, done, place)
            yield item
            done = place
    if done < len(piece):
        yield part(piece, done, len(piece))


def _one_by_one(
    piece: Piece, items: list[Frame | BusEvent], before: list[int]
) -> Iterator[Frame | BusEvent]:
    frames = list(piece.block().frames())
    done = 0
    for item, place in zip(items, before, strict=True):
        yield from frames[done:place]
        yield item
        done = place
    yield from frames[done:]
