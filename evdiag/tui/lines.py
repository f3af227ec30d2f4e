"""Lines of text with tones, and the widgets that draw them: the only way anything is shown here.

A line is pieces of plain text, each with a tone. Nothing is ever read as markup, so a name from a
file can be anything. Widgets draw line by line (Textual's line API): a refresh costs what is seen.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import ClassVar, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from evdiag.tui.themes import TONES

Piece: TypeAlias = tuple[str, str]
"""Text and its tone (a key of `themes.TONES`)."""

Line: TypeAlias = Sequence[Piece]


def length(line: Line) -> int:
    """Return the cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def fit(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, cut with an ellipsis or filled up with spaces."""
    if cell_len(text) > width > 0:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, max(width, 0))


def fit_short(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, cut with an ellipsis."""
    return fit(text, width) if cell_len(text) > width else text


def fit_right(text: str, width: int) -> str:
    """Return `text` in `width` cells, flush right."""
    return fit(text, width) if cell_len(text) > width else " " * (width - cell_len(text)) + text


def wrap(text: str, width: int, hanging: int = 0) -> list[str]:
    """Break a sentence into lines of at most `width` cells, all but the first one indented."""
    return textwrap.wrap(text, max(width, 8), subsequent_indent=" " * hanging) or [""]


def spread(left: Line, right: Line, width: int) -> Line:
    """Put one line at the left edge and one at the right; the left one gives way."""
    room = width - length(right)
    return [*cut(left, room), *right]


def joined(line: Line) -> Line:
    """Return a line with neighbours of one tone made one piece: fewer of them to draw."""
    runs = groupby(line, key=itemgetter(1))
    return [("".join(text for text, _ in run), tone) for tone, run in runs]


def cut(line: Line, width: int) -> Line:
    """Return a line in exactly `width` cells."""
    kept: list[Piece] = []
    for text, tone in line:
        size = cell_len(text)
        if size > width:
            return [*kept, (fit(text, width) if text.strip() else " " * width, tone)]
        kept.append((text, tone))
        width -= size
    return [*kept, (" " * width, "")]


@lru_cache(maxsize=1024)
def _rich_style(base: Style, *tones: Style) -> RichStyle:
    return sum(tones, start=base).rich_style


_PARSED: dict[tuple[str, str], Style] = {}
"""Tones by theme; parsing one costs more than drawing a line."""


class Drawing(Widget):
    """Turns lines into strips in the colours of the theme."""

    class Resized(Message):
        """There are more or fewer cells to draw in: what was drawn may not fit any more."""

    def on_resize(self) -> None:
        """Ask for other lines."""
        self.post_message(self.Resized())

    def style_of(self, *tones: str) -> RichStyle:
        """Return the style of tones, each laid over the one before, on this widget's background."""
        theme, base = self.app.theme, self.visual_style
        for tone in tones:
            if (theme, tone) not in _PARSED:
                _PARSED[theme, tone] = Style.parse(TONES[tone], self.app.theme_variables)
        return _rich_style(base, *(_PARSED[theme, tone] for tone in tones))

    def strip_of(self, line: Line, over: str = "") -> Strip:
        """Draw one line over the widget's whole width; the tone `over` is laid over it."""
        styles = {tone: self.style_of(tone, over) for tone in {tone for _, tone in line}}
        segments = [Segment(text, styles[tone]) for text, tone in line]
        return Strip(segments).adjust_cell_length(self.size.width, self.style_of(over))


class LinePane(Drawing):
    """A pane whose lines are given to it."""

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, focusable: bool = False
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.can_focus = focusable
        self.lines: Sequence[Line] = ()

    def put(self, lines: Iterable[Line]) -> None:
        """Show these lines from now on; nothing is drawn where nothing changed."""
        fresh = [list(line) for line in lines]
        if fresh != self.lines:
            self.lines = fresh
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        return self.strip_of(self.lines[y] if y < len(self.lines) else ())

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self.lines)


class LineList(ScrollView, Drawing, can_focus=True, inherit_bindings=False):
    """A list of lines of any length, of which only the visible ones are made.

    Subclasses say how many there are (`resize_to`) and make one (`line`). With a cursor one line
    is chosen; `following` keeps the newest in view until the person moves up.
    """

    DEFAULT_CSS = """
    LineList { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    """
    has_cursor: ClassVar[bool] = True

    class Moved(Message):
        """The person chose another line."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.count = 0
        self.cursor = 0
        self.following = False

    def line(self, index: int, width: int) -> Line:
        """Make one line, counted from 0."""
        raise NotImplementedError

    def resize_to(self, count: int) -> None:
        """Say how many lines there are now, and draw."""
        if count != self.count:
            self.count = count
            self.virtual_size = Size(0, count)
        self._settle()
        self.refresh()

    def move(self, by: int) -> None:
        """Move the cursor, or scroll where there is none."""
        if not self.has_cursor:
            self.scroll_to(y=self.scroll_offset.y + by, animate=False, immediate=True)
            return
        self.place(self.cursor + by)

    def place(self, cursor: int) -> None:
        """Put the cursor on a line."""
        self.following = False
        self.cursor = cursor
        self._settle()
        self.refresh()
        self.post_message(self.Moved())

    def page(self, direction: int) -> None:
        """Go a page down (+1) or up (-1)."""
        self.move(direction * max(1, self.size.height - 1))

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        index = self.scroll_offset.y + y
        if index >= self.count:
            return self.strip_of(())
        chosen = self.has_cursor and index == self.cursor
        line = self.line(index, self.scrollable_content_region.width - 1)
        if not chosen:
            return self.strip_of([(" ", ""), *line])
        # The chosen line is told by a sign at its edge too, not by its colours alone.
        return self.strip_of([("▸", ""), *line], "here")

    def on_click(self, event: Click) -> None:
        """Choose the clicked line."""
        index = self.scroll_offset.y + event.y
        if self.has_cursor and index < self.count:
            self.place(index)

    def _settle(self) -> None:
        self.cursor = max(0, min(self.cursor, self.count - 1))
        if not self.has_cursor:
            return
        if self.following:
            self.cursor = max(0, self.count - 1)
        top, height = self.scroll_offset.y, self.size.height
        if height and not top <= self.cursor < top + height:
            wanted = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=wanted, animate=False, immediate=True, force=True)


class TextList(LineList):
    """A list of ready-made lines to scroll through."""

    has_cursor: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: Sequence[Line] = ()

    def put(self, lines: Iterable[Line]) -> None:
        """Show these lines from now on."""
        fresh = [list(line) for line in lines]
        if fresh != self.lines:
            self.lines = fresh
            self.resize_to(len(fresh))

    def line(self, index: int, width: int) -> Line:
        """Return one line."""
        return self.lines[index]

    @property
    def text(self) -> str:
        """What can be scrolled through, as plain text."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self.lines)
