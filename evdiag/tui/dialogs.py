"""The two questions that the screens ask: go to which time, and what to write at a mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from evdiag.errors import BadInputError
from evdiag.tui.lines import LinePane
from evdiag.tui.words import read_time

Answer = TypeVar("Answer")


class Question(ModalScreen[Answer | None], Generic[Answer]):
    """One line to type; Enter answers, Escape leaves everything as it was."""

    DEFAULT_CSS = """
    Question { align: center middle; background: $background 60%; }
    Question Vertical {
        width: 48; max-width: 90%; height: 5; padding: 1 2; background: $panel;
    }
    Question LinePane { height: 1; }
    Question Input { height: 1; border: none; padding: 0; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "cancel", show=False)]

    def __init__(
        self,
        question: str,
        example: str,
        read: Callable[[str], Answer],
        *,
        escape: str = "cancels",
    ) -> None:
        super().__init__()
        self._question = question
        self._example = example
        self._read = read
        self._escape = escape

    def compose(self) -> ComposeResult:
        """The question, the line, and what was wrong with the last answer."""
        with Vertical():
            yield LinePane(id="question")
            yield Input(placeholder=self._example, compact=True)
            yield LinePane(id="wrong")

    def on_mount(self) -> None:
        """Ask."""
        self.query_one("#question", LinePane).put([[(self._question, "title")]])
        keys = [("Enter ", "key"), ("goes on  ", "quiet"), ("Esc ", "key"), (self._escape, "quiet")]
        self.query_one("#wrong", LinePane).put([keys])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, or say what is wrong with it."""
        try:
            self.dismiss(self._read(event.value))
        except BadInputError as error:
            self.query_one("#wrong", LinePane).put([[(str(error), "bad")]])


def ask_time() -> Question[float]:
    """Ask for a place in the recording, in seconds from its first frame."""
    return Question("Go to", "12.5 or 1:02.5", read_time)


def ask_note() -> Question[str]:
    """Ask for the note of a mark that is to be set."""
    return Question("Mark with a note", "what happened here", lambda text: text.strip())


def ask_note_of(mark: str) -> Question[str]:
    """Ask for the note of a mark that is set already."""
    title, escape = f"A note to {mark}", "leaves it without"
    return Question(title, "what happened here", lambda text: text.strip(), escape=escape)
