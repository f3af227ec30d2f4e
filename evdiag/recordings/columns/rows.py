"""The plain rows of a piece of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.inputs import Block
from evdiag.inputs.piece import Piece
from evdiag.recordings.columns.merging import part

if TYPE_CHECKING:
    from evdiag.recordings.columns.whole_lines import Lines

Places = NDArray[np.intp]
Marked = NDArray[np.bool_]

_NEWLINE = ord("\n")


class Rows(NamedTuple):
    """Where the lines of a piece start and end in its buffer, and which of them are plain rows.

    `piece` has the plain rows only, `data_at` where the data of each of those are written.
    """

    starts: Places
    ends: Places
    plain: Marked
    piece: Piece
    data_at: Places

    def first(self, count: int) -> Rows:
        """Return the first `count` rows."""
        if count == len(self.plain):
            return self
        plain = self.plain[:count]
        piece = part(self.piece, 0, int(np.count_nonzero(plain)))
        data_at = self.data_at[: len(piece)]
        return Rows(self.starts[:count], self.ends[:count], plain, piece, data_at)


def line_places(lines: Lines) -> tuple[Places, Places]:
    """Return where each of `lines`, which end in LF, starts and ends, its end included."""
    text = np.frombuffer(lines.buffer, np.uint8)[lines.first : lines.end]
    are_ends = text == _NEWLINE
    length = int(are_ends.argmax()) + 1
    count, rest = divmod(len(text), length)
    if not rest and are_ends[length - 1 :: length].all() and np.count_nonzero(are_ends) == count:
        # All lines are equally long, as in GVRET CSV: found three times as fast as others.
        ends = np.arange(lines.first + length, lines.end + 1, length)
    else:
        ends = np.flatnonzero(are_ends) + (lines.first + 1)
    starts = np.empty_like(ends)
    starts[0] = lines.first
    starts[1:] = ends[:-1]
    return starts, ends


def none_plain(lines: Lines) -> Rows:
    """Return the rows of `lines` where none is plain."""
    starts, ends = line_places(lines)
    piece = Piece.of(Block.from_frames([]))
    return Rows(starts, ends, np.zeros(len(starts), np.bool_), piece, np.empty(0, np.intp))
