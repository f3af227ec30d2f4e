"""candump text, straight from bytes to pieces; what is not plain is read by the careful reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.inputs.block import RX, TX
from evdiag.recordings.candump import candump_frames
from evdiag.recordings.columns.candump_rows import candump_data, candump_rows
from evdiag.recordings.columns.candump_shapes import Shapes
from evdiag.recordings.columns.rows import Rows
from evdiag.recordings.columns.text_columns import BUFFER_BYTES, text_columns
from evdiag.recordings.report import ReadReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evdiag.inputs import BusEvent, Frame
    from evdiag.inputs.piece import Piece
    from evdiag.recordings.columns.whole_lines import Lines
    from evdiag.recordings.source import Source


def candump_columns(
    source: Source, report: ReadReport, *, size: int = BUFFER_BYTES
) -> Iterator[Piece | Frame | BusEvent]:
    """Yield what `read_candump` yields, in pieces (see `text_columns`); UTF-8 only."""
    ahead = _CandumpText(ReadReport(report.format))
    return text_columns(source, _CandumpText(report), ahead, size=size)


class _CandumpText:
    """How candump text is read; a last line's direction is judged by that of the one before."""

    layout = None

    def __init__(self, report: ReadReport) -> None:
        self._report = report
        self._shapes = Shapes()
        self._says_direction = False

    data = staticmethod(candump_data)

    def plain_rows(self, lines: Lines) -> Rows:
        return candump_rows(lines, self._shapes)

    def pass_by(self, row: str, piece: Piece) -> None:
        self._says_direction = bool(piece.flags[-1] & (RX | TX))

    def learn(self, lines: Lines) -> None:
        """There is nothing to learn: every row says all."""

    def items(self, lines: Iterable[tuple[int, str]]) -> Iterator[Frame]:
        for frame in candump_frames(lines, self._report, self._says_direction):
            self._says_direction = frame.direction is not None
            yield frame
