"""A stream in pieces that end where a line ends, read into one buffer again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from mmap import mmap

Text: TypeAlias = "bytearray | mmap"

MARGIN: Final = 64
"""Bytes before and after the text, so that words may be loaded beyond its ends."""


_LINE_FEED: Final = 0x0A


class Lines(NamedTuple):
    """The bytes from `first` to `end` of `buffer`, valid until the next piece is asked for."""

    buffer: Text
    first: int
    end: int

    @property
    def are_whole(self) -> bool:
        """Whether they end in LF; else there is none among them."""
        return self.buffer[self.end - 1] == _LINE_FEED


def whole_lines(
    stream: BinaryIO, size: int, room_for_next: Callable[[], Text | None] | None = None
) -> Iterator[Lines]:
    """Yield everything in pieces of at most `size` bytes, more only where one line is longer.

    A line ends at LF; a bare CR counts only in a piece without any LF. What comes after the last
    LF is a piece of its own. `room_for_next` gives the buffer for each piece, `size` bytes and
    twice the margin long; where it has none any more nothing else is read.
    """
    buffer = bytearray(MARGIN + size + MARGIN) if room_for_next is None else room_for_next()
    kept = 0
    while buffer is not None:
        room = len(buffer) - 2 * MARGIN - kept
        got = _fill(stream, memoryview(buffer)[MARGIN + kept : MARGIN + kept + room])
        end = MARGIN + kept + got
        if got < room:
            yield from _last(buffer, end)
            return
        cut = buffer.rfind(b"\n", MARGIN, end) + 1
        # The CR that ends the piece may belong to an LF that is still to come.
        cut = cut or buffer.rfind(b"\r", MARGIN, end - 1) + 1
        if cut:
            yield Lines(buffer, MARGIN, cut)
            full, kept = buffer, end - cut
            if room_for_next is not None and (buffer := room_for_next()) is None:
                return
            buffer[MARGIN : MARGIN + kept] = full[cut:end]
        else:
            kept = end - MARGIN
            buffer = bytearray(buffer[:end]) + bytearray(kept + MARGIN)


def _last(buffer: Text, end: int) -> Iterator[Lines]:
    cut = buffer.rfind(b"\n", MARGIN, end) + 1 or MARGIN
    if cut > MARGIN:
        yield Lines(buffer, MARGIN, cut)
    if end > cut:
        yield Lines(buffer, cut, end)


def _fill(stream: BinaryIO, room: memoryview) -> int:
    """Read until `room` is full or the stream ends; return how many bytes came."""
    filled = 0
    while filled < len(room):
        got = stream.readinto(room[filled:])  # type: ignore[attr-defined]
        if not got:
            break
        filled += got
    return filled
