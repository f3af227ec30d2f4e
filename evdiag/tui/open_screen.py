"""Which recording: a path that is typed, or one of the shipped scenarios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from evdiag.plain import plain_text
from evdiag.tui.choice import Entry, EntryList
from evdiag.tui.lines import LinePane


class OpenScreen(ModalScreen[str | None]):
    """Typing narrows the list; Enter takes the chosen scenario, or what was typed where none fits.

    `check` says in words what is wrong with a typed name, nothing where it can be opened.
    """

    DEFAULT_CSS = """
    OpenScreen { align: center middle; background: $background 60%; }
    OpenScreen Vertical { width: 84; max-width: 96%; height: 90%; max-height: 22; padding: 1 2; }
    OpenScreen Vertical { background: $panel; }
    OpenScreen LinePane { height: 1; }
    OpenScreen Input { height: 1; border: none; padding: 0; background: $surface; }
    OpenScreen EntryList { height: 1fr; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "cancel", show=False),
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
    ]

    def __init__(self, scenarios: Sequence[tuple[str, str]], check: Callable[[str], str]) -> None:
        super().__init__()
        self._all = [Entry(name, plain_text(name), plain_text(words)) for name, words in scenarios]
        self._check = check

    def compose(self) -> ComposeResult:
        """The line to type in, the scenarios, the keys."""
        with Vertical():
            yield LinePane(id="question")
            yield Input(
                placeholder="path of a recording, or part of a scenario's name", compact=True
            )
            yield EntryList(self._all)
            yield LinePane(id="open-keys")

    def on_mount(self) -> None:
        """Show the scenarios."""
        self.query_one("#question", LinePane).put([[("Open a recording", "title")]])
        self.query_one(EntryList).resize_to(len(self._all))
        self.set_focus(self.query_one(Input))
        self._say_keys()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        listed = self.query_one(EntryList)
        part = event.value.strip().lower()
        listed.entries = [entry for entry in self._all if part in entry.name.lower()]
        listed.cursor = 0
        listed.resize_to(len(listed.entries))
        self._say_keys()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was chosen or typed."""
        listed = self.query_one(EntryList)
        if listed.entries:
            self.dismiss(listed.entries[listed.cursor].value)
            return
        wrong = self._check(event.value.strip())
        if wrong:
            self.query_one("#open-keys", LinePane).put([[(wrong, "bad")]])
        else:
            self.dismiss(event.value.strip())

    def action_move(self, by: int) -> None:
        """Choose another scenario."""
        self.query_one(EntryList).move(by)

    def _say_keys(self) -> None:
        keys = [("↑ ↓ ", "key"), ("choose  ", "quiet"), ("Enter ", "key"), ("opens  ", "quiet")]
        self.query_one("#open-keys", LinePane).put([[*keys, ("Esc ", "key"), ("back", "quiet")]])
