"""All of one case of the case book: to look at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from evdiag.casebook.telling import case_lines
from evdiag.errors import EvdiagError
from evdiag.plain import plain_text
from evdiag.tui.lines import Drawing, Line, LinePane, TextList, cut, wrap
from evdiag.tui.words import counted

if TYPE_CHECKING:
    from evdiag.casebook.values import CaseFile

_Found = TypeVar("_Found")

PULL_S: Final = 0.1


class Reading(Generic[_Found]):
    """Something that is read from the book in a thread of its own."""

    def __init__(self, read: Callable[[], _Found]) -> None:
        self._read = read
        self.found: _Found | None = None
        self.failed = ""

    def begin(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, name="case book", daemon=True).start()

    def _run(self) -> None:
        try:
            self.found = self._read()
        except EvdiagError as error:
            self.failed = str(error)


class CaseScreen(Screen[None]):
    """Shows all of one case."""

    CSS = """
    CaseScreen #case-head { height: 1; background: $panel; }
    CaseScreen #case-keys { height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "back"),
        Binding("up,k", "scroll(-1)", "up"),
        Binding("down,j", "scroll(1)", "down"),
        Binding("pageup", "page(-1)", "page up"),
        Binding("pagedown,space", "page(1)", "page down"),
        Binding("T", "app.theme", "theme"),
    ]

    def __init__(self, number: int, read: Callable[[], CaseFile]) -> None:
        super().__init__()
        self._number = number
        self._reading = Reading(read)

    def compose(self) -> ComposeResult:
        """Head, the case, keys."""
        yield LinePane(id="case-head")
        yield TextList(id="case-text")
        yield LinePane(id="case-keys")

    def on_mount(self) -> None:
        """Paint, then read."""
        self._reading.begin()
        self.set_interval(PULL_S, self.draw)
        self.call_after_refresh(self.draw)

    def on_drawing_resized(self, event: Drawing.Resized) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw what has been read."""
        if not self.is_mounted:
            return
        title = [(" evdiag", "title"), (f"  Case {self._number}", "strong")]
        self.query_one("#case-head", LinePane).put([cut(title, self.size.width)])
        text = self.query_one(TextList)
        text.put(self._lines(max(20, text.size.width - 2)))
        keys = [("Esc ", "key"), ("back  ", ""), ("↑ ↓ PgUp PgDn ", "key"), ("scroll", "")]
        self.query_one("#case-keys", LinePane).put([cut([(" ", ""), *keys], self.size.width)])

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(TextList).move(by)

    def action_page(self, direction: int) -> None:
        """Scroll by pages."""
        self.query_one(TextList).page(direction)

    def _lines(self, width: int) -> Iterator[Line]:
        if self._reading.failed:
            yield from ([(row, "bad")] for row in wrap(self._reading.failed, width))
        elif self._reading.found is None:
            yield [("reading the case book …", "quiet")]
        else:
            yield from whole_case(self._reading.found, width)


def whole_case(shown: CaseFile, width: int) -> Iterator[Line]:
    """Yield all of a case, as `evdiag cases show` says it, wrapped."""
    for at, text in enumerate(map(plain_text, case_lines(shown))):
        inside = len(text) - len(text.lstrip())
        tone = "title" if at == 0 else "" if inside else "strong"
        for row in wrap(text, width, hanging=inside + 4):
            yield [(row, tone)]
    many = (counted(shown.case.attempts, "attempt"), counted(shown.case.faults, "fault"))
    yield [(", ".join(many), "quiet")]
