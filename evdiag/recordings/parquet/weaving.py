"""Which of a source's bytes a line form writes anew from the frames, and which must be kept.

The frames of a text and its lines are in the same order, so the two are laid side by side: where
the line that a form writes for a frame is the line that stands there, nothing is kept; all else is
kept with the frame that follows it. Nothing hangs on a good guess but the room that is needed.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.recordings.parquet.characters import Lines

LOOKED_AHEAD: Final = 64
"""Lines on either side among which two that are alike are looked for."""

_ROOM: Final = 1 << 16
_FIRST_STRETCH: Final = 1 << 12


class SourceText:
    """The bytes of a source as they are used up; `sha256` and `size` are of all that was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._at = 0
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash of what was read so far, in hex digits."""
        return self._hash.hexdigest()

    def ahead(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer where the source ends; they stay unused."""
        missing = self._at + count - len(self._buffer)
        if missing > 0:
            del self._buffer[: self._at]
            self._at = 0
            while missing > 0 and (data := self._stream.read(max(missing, _ROOM))):
                self._hash.update(data)
                self.size += len(data)
                self._buffer += data
                missing -= len(data)
        return bytes(self._buffer[self._at : self._at + count])

    def skip(self, count: int) -> None:
        """Use up `count` of the bytes that were looked at."""
        self._at += count

    def lines_ahead(self) -> list[bytes]:
        """Return the lines that come next, a few at most; none where the source has ended."""
        size = LOOKED_AHEAD * 64
        while True:
            text = self.ahead(size)
            lines = _lines(text)
            if len(text) < size or len(lines) > 1:
                break
            size *= 8
        if len(text) == size:
            lines.pop()
        return lines[:LOOKED_AHEAD]

    def drain(self) -> None:
        """Read to the end, so that hash and size are of the whole source."""
        self._at = len(self._buffer)
        while self.ahead(_ROOM):
            self._at = len(self._buffer)


def _lines(text: bytes) -> list[bytes]:
    *whole, rest = text.split(b"\n")
    lines = [line + b"\n" for line in whole]
    return [*lines, rest] if rest else lines


def weave(lines: Lines, source: SourceText) -> Iterator[tuple[int, bytes]]:
    """Use up the text of the lines' frames; yield the rows for which the source says other bytes.

    What is yielded stands in place of the row's line, text that comes before it included.
    """
    written = lines.text.tobytes()
    edges = lines.edges
    row, count = 0, len(edges) - 1
    while True:
        row = _alike(written, lines, row, source)
        if row == count:
            return
        there = source.lines_ahead()
        ours = [
            written[edges[k] : edges[k + 1]] for k in range(row, min(row + LOOKED_AHEAD, count))
        ]
        rows, used = _next_alike(ours, there)
        for number, text in enumerate(_dealt(there[:used], rows)):
            source.skip(len(text))
            yield row + number, text
        row += rows


def _alike(written: bytes, lines: Lines, row: int, source: SourceText) -> int:
    """Use up lines while they are alike; return the first row that is not."""
    edges, count = lines.edges, len(lines.edges) - 1
    stretch = _FIRST_STRETCH
    while row < count:
        first = int(edges[row])
        end_row = max(row + 1, int(np.searchsorted(edges, first + stretch, "right")) - 1)
        ours = written[first : int(edges[end_row])]
        there = source.ahead(len(ours))
        if ours != there:
            same = int(edges[row]) + _common(ours, there)
            end_row = int(np.searchsorted(edges, same, "right")) - 1
            source.skip(int(edges[end_row]) - first)
            return end_row
        source.skip(len(ours))
        row, stretch = end_row, stretch * 8
    return row


def _common(one: bytes, other: bytes) -> int:
    """Return how many bytes are alike from the start."""
    size = min(len(one), len(other))
    different = np.frombuffer(one, np.uint8, size) != np.frombuffer(other, np.uint8, size)
    return int(different.argmax()) if different.any() else size


def _next_alike(ours: list[bytes], there: list[bytes]) -> tuple[int, int]:
    """Return how many rows and how many lines come before the next line that both have.

    The row that is alike is among them where only other text stands before it.
    """
    if not there:
        return len(ours), 0
    places = {line: place for place, line in reversed(list(enumerate(there)))}
    for rows, line in enumerate(ours):
        place = places.get(line)
        if place is not None:
            return (rows, place) if rows else (1, place + 1)
    few = max(1, min(len(ours), len(there)) // 2)
    return few, few


def _dealt(lines: list[bytes], rows: int) -> Iterator[bytes]:
    """Deal lines out to rows: one each, the first gets what is too much, the last may get none."""
    more = max(0, len(lines) - rows)
    yield b"".join(lines[: more + 1])
    for number in range(1, rows):
        yield b"".join(lines[more + number : more + number + 1])
