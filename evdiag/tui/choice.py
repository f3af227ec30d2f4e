"""A list to choose one thing from, over whatever is on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from evdiag.tui.lines import Line, LineList, LinePane, cut, fit


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be chosen; texts are plain."""

    value: str
    name: str
    words: str = ""


class EntryList(LineList):
    """One line an entry."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__(id="entries")
        self.entries = entries

    def line(self, index: int, width: int) -> Line:
        """Write one entry."""
        entry = self.entries[index]
        size = min(max((len(each.name) for each in self.entries), default=0), width // 2)
        return cut([(f" {fit(entry.name, size)}  ", "strong"), (entry.words, "quiet")], width)


class Choice(ModalScreen[str | None]):
    """Arrow keys choose, Enter answers with the entry's value, Escape with nothing."""

    DEFAULT_CSS = """
    Choice { align: center middle; background: $background 60%; }
    Choice Vertical { width: 76; max-width: 94%; height: auto; max-height: 90%; padding: 1 2; }
    Choice Vertical { background: $panel; }
    Choice LinePane { height: 1; }
    Choice EntryList { height: auto; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "cancel", show=False),
        Binding("enter", "choose", "choose", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "move(-8)", "page up", show=False),
        Binding("pagedown", "move(8)", "page down", show=False),
    ]

    def __init__(self, question: str, entries: Sequence[Entry], *, chosen: str = "") -> None:
        super().__init__()
        self._question = question
        self._entries = entries
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """The question, the entries, the keys."""
        with Vertical():
            yield LinePane(id="question")
            yield EntryList(self._entries)
            yield LinePane(id="choice-keys")

    def on_mount(self) -> None:
        """Show the entries."""
        keys = [("↑ ↓ ", "key"), ("choose  ", "quiet"), ("Enter ", "key"), ("takes it  ", "quiet")]
        self.query_one("#choice-keys", LinePane).put(
            [[*keys, ("Esc ", "key"), ("cancels", "quiet")]]
        )
        self.set_focus(self.query_one(EntryList))
        self.offer(self._question, self._entries, self._chosen)

    def offer(self, question: str, entries: Sequence[Entry], chosen: str) -> None:
        """Ask this from now on; `chosen` is the value that is chosen at first."""
        self._question, self._entries, self._chosen = question, entries, chosen
        if not self.query(EntryList):
            return  # It is not on the screen yet, or not any more.
        self.query_one("#question", LinePane).put([[(question, "title")]])
        listed = self.query_one(EntryList)
        listed.entries = entries
        listed.styles.height = min(len(entries), max(3, self.size.height - 8))
        listed.resize_to(len(entries))
        values = [entry.value for entry in entries]
        listed.place(values.index(chosen) if chosen in values else 0)

    def action_move(self, by: int) -> None:
        """Choose another entry."""
        self.query_one(EntryList).move(by)

    def action_choose(self) -> None:
        """Answer."""
        listed = self.query_one(EntryList)
        self.dismiss(self._entries[listed.cursor].value if self._entries else None)
