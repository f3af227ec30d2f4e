"""GVRET CSV, straight from bytes to pieces; what is not plain is read by the careful reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from evdiag.recordings.columns.gvret_ids import GvretIds
from evdiag.recordings.columns.gvret_rows import gvret_data, gvret_rows
from evdiag.recordings.columns.rows import none_plain
from evdiag.recordings.columns.text_columns import BUFFER_BYTES, text_columns, texts_of
from evdiag.recordings.gvret import Columns, GvretLines
from evdiag.recordings.report import ReadReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evdiag.inputs import BusEvent, Frame
    from evdiag.inputs.piece import Piece
    from evdiag.recordings.columns.rows import Rows
    from evdiag.recordings.columns.whole_lines import Lines
    from evdiag.recordings.source import Source

_TELLING: Final = 64
"""Lines: a header, or a row, stands among the first."""

_UNDIRECTED: Final = Columns(",", 0, 1, 2, None, 3, 4, 5)
_DIRECTED: Final = Columns(",", 0, 1, 2, 3, 4, 5, 6)


def gvret_columns(
    source: Source, report: ReadReport, *, size: int = BUFFER_BYTES
) -> Iterator[Piece | Frame | BusEvent]:
    """Yield what `read_gvret` yields, in pieces (see `text_columns`); UTF-8 only."""
    ahead = _GvretText(ReadReport(report.format))
    return text_columns(source, _GvretText(report), ahead, size=size)


class _GvretText:
    """How GVRET CSV is read; columns in an order that loggers do not write take care."""

    def __init__(self, report: ReadReport) -> None:
        self._lines = GvretLines(report)
        self._ids = GvretIds()

    @property
    def layout(self) -> Columns | None:
        return self._lines.columns

    def plain_rows(self, lines: Lines) -> Rows:
        if self.layout not in (_UNDIRECTED, _DIRECTED):
            return none_plain(lines)
        return gvret_rows(lines, self._ids, directed=self.layout == _DIRECTED)

    data = staticmethod(gvret_data)

    def learn(self, lines: Lines) -> None:
        if self.layout is None:
            for _ in self.items(enumerate(texts_of(lines, lines.first, lines.end)[:_TELLING], 1)):
                pass

    def pass_by(self, row: str, piece: Piece) -> None:
        self._lines.before = row

    def items(self, lines: Iterable[tuple[int, str]]) -> Iterator[Frame | BusEvent]:
        return self._lines.items(lines)
