"""A list of things of several lines each: the cursor goes from one thing to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evdiag.tui.control_lines import Row
from evdiag.tui.lines import Line, LineList


class RowList(LineList):
    """Shows rows; the chosen thing is that of the chosen line."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()

    def put(self, rows: Iterable[Row]) -> None:
        """Show these rows from now on; the chosen thing stays chosen."""
        fresh, chosen = list(rows), self.chosen
        if fresh != self.rows:
            self.rows = fresh
            self.cursor = self._head_of(chosen)
            self.resize_to(len(fresh))

    @property
    def chosen(self) -> str:
        """The tag of the chosen line; empty where nothing is."""
        return self.rows[self.cursor].tag if self.cursor < len(self.rows) else ""

    def choose(self, tag: str) -> None:
        """Choose a thing by its tag."""
        self.place(self._head_of(tag))

    def line(self, index: int, width: int) -> Line:
        """Return one line."""
        return self.rows[index].line

    def move(self, by: int) -> None:
        """Go to another thing, counted from the chosen one."""
        heads = [at for at, row in enumerate(self.rows) if row.is_head]
        if heads:
            here = sum(at <= self.cursor for at in heads) - 1
            self.place(heads[max(0, min(len(heads) - 1, here + by))])

    def page(self, direction: int) -> None:
        """Go some things down (+1) or up (-1)."""
        self.move(direction * 5)

    def _head_of(self, tag: str) -> int:
        found = (at for at, row in enumerate(self.rows) if row.is_head and row.tag == tag)
        return next(found, 0)

    def _settle(self) -> None:
        super()._settle()
        self._show_whole_thing()

    def _show_whole_thing(self) -> None:
        """Scroll so that every line of the chosen thing is seen, as far as there is room."""
        last = self.cursor
        while last + 1 < len(self.rows) and not self.rows[last + 1].is_head:
            last += 1
        height = self.size.height
        if height and last >= self.scroll_offset.y + height:
            wanted = min(self.cursor, last - height + 1)
            self.scroll_to(y=wanted, animate=False, immediate=True, force=True)

    @property
    def text(self) -> str:
        """What can be scrolled through, as plain text."""
        return "\n".join("".join(text for text, _ in row.line).rstrip() for row in self.rows)
