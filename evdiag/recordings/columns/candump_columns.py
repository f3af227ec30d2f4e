"""candump text, straight from bytes to blocks; what is not plain is read by the careful reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from evdiag.inputs import Block, Frame
from evdiag.inputs.block import RX, TX
from evdiag.recordings.candump import candump_frames
from evdiag.recordings.columns.candump_rows import Rows, candump_rows
from evdiag.recordings.columns.channel_names import ChannelNames
from evdiag.recordings.columns.memory import keep_freed_memory
from evdiag.recordings.columns.piece import Piece
from evdiag.recordings.columns.whole_lines import Lines, whole_lines
from evdiag.recordings.stamps import LATEST_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.recordings.report import ReadReport
    from evdiag.recordings.source import Source

BUFFER_BYTES: Final = 1 << 20
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class _Odd(NamedTuple):
    """The frames of lines that are not plain, and the line of the piece that each stands at."""

    frames: list[Frame]
    lines: list[int]


def candump_columns(
    source: Source, report: ReadReport, *, size: int = BUFFER_BYTES
) -> Iterator[Piece | Frame]:
    """Yield what `read_candump` yields, in pieces; UTF-8 only.

    A frame comes by itself where no piece can hold it, or where the report must know all before
    it. Lines that are no frames are counted in `report`. Only `size` bytes are held at a time.
    """
    keep_freed_memory()
    names = ChannelNames()
    number = 1
    says_direction = False
    with source.open() as stream:
        if source.bom:
            stream.read(len(_BYTE_ORDER_MARK))
        for lines in whole_lines(stream, size):
            if not lines.are_whole:
                texts = _texts(lines, lines.first, lines.end)
                for frame in candump_frames(texts, report, number, says_direction):
                    says_direction = frame.direction is not None
                    yield frame
                number += len(texts)
                continue
            rows = candump_rows(lines, names)
            odd, read = _odd_frames(lines, rows, number, report)
            number += read
            piece = _merged(rows, odd)
            if piece is None:
                yield from _frame_by_frame(rows, odd)
            elif len(piece):
                yield piece
            says_direction = _says_direction(rows, odd, says_direction)


def _odd_frames(lines: Lines, rows: Rows, number: int, report: ReadReport) -> tuple[_Odd, int]:
    """Read the lines that are not plain; return their frames and how many lines all are.

    `number` is that of the first line.
    """
    odd = _Odd([], [])
    total = len(rows.plain)
    if rows.plain.all():
        return odd, total
    edges = np.flatnonzero(np.diff(rows.plain, prepend=True, append=True))
    # A bare CR ends a line for the careful reader only.
    more = 0
    for first, end in edges.reshape(-1, 2).tolist():
        texts = _texts(lines, int(rows.starts[first]), int(rows.ends[end - 1]))
        for frame in candump_frames(texts, report, number + first + more):
            odd.frames.append(frame)
            odd.lines.append(first)
        more += len(texts) - (end - first)
    return odd, total + more


def _texts(lines: Lines, first: int, end: int) -> list[str]:
    """Return the lines of a stretch as the careful reader gets them."""
    text = lines.buffer[first:end].decode("utf-8", "surrogateescape")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    *whole, rest = text.split("\n")
    texts = [line + "\n" for line in whole]
    return [*texts, rest] if rest else texts


def _merged(rows: Rows, odd: _Odd) -> Piece | None:
    """Put the frames of odd lines between the plain rows; None where no piece can hold them."""
    if not odd.frames:
        return rows.piece
    if any(abs(frame.time_ns) >= LATEST_NS for frame in odd.frames):
        return None
    both = Block.concatenate([rows.piece.block(), Block.from_frames(odd.frames)])
    return Piece.of(both.rows(_order(rows, odd)))


def _frame_by_frame(rows: Rows, odd: _Odd) -> Iterator[Frame]:
    frames = [*rows.piece.block().frames(), *odd.frames]
    return (frames[place] for place in _order(rows, odd).tolist())


def _order(rows: Rows, odd: _Odd) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    lines = np.concatenate([np.flatnonzero(rows.plain), np.array(odd.lines, np.intp)])
    return np.argsort(lines, kind="stable")


def _says_direction(rows: Rows, odd: _Odd, before: bool) -> bool:
    """Tell whether the last frame so far says its direction."""
    plain = np.flatnonzero(rows.plain)
    if odd.lines and (not len(plain) or odd.lines[-1] > plain[-1]):
        return odd.frames[-1].direction is not None
    return bool(rows.piece.flags[-1] & (RX | TX)) if len(plain) else before
