"""What the live screen asks before it does what cannot be undone: leaving, and transmitting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from evdiag.plain import plain_text
from evdiag.tui.lines import Line, LinePane, TextList, wrap

if TYPE_CHECKING:
    from evdiag.levels import AskPlan

ASK_WORD = "ask"
"""What must be typed before evdiag transmits: no single key does it."""


class Leaving(ModalScreen[bool]):
    """Asks whether to stop the recording and leave; y does, everything else stays."""

    DEFAULT_CSS = """
    Leaving { align: center middle; background: $background 60%; }
    Leaving Vertical { width: 70; max-width: 94%; height: 7; padding: 1 2; background: $panel; }
    Leaving LinePane { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "answer(True)", "leave", show=False),
        Binding("n,N,q,escape,enter", "answer(False)", "stay", show=False),
    ]

    def __init__(self, recording: str) -> None:
        super().__init__()
        self._recording = recording

    def compose(self) -> ComposeResult:
        """The question and its two answers."""
        with Vertical():
            yield LinePane(id="leaving")

    def on_mount(self) -> None:
        """Ask."""
        keys = [("y ", "key"), ("leaves   ", ""), ("n ", "key"), ("stays", "")]
        width = min(64, self.size.width * 94 // 100 - 4)
        question: list[Line] = [[(row, "title")] for row in wrap(self._recording, width)]
        self.query_one("#leaving", LinePane).put([*question, [("", "")], keys])

    def action_answer(self, leave: bool) -> None:
        """Answer."""
        self.dismiss(leave)


class AskDialog(ModalScreen[bool]):
    """Says what asking does, and begins only when the word has been typed."""

    DEFAULT_CSS = """
    AskDialog { align: center middle; background: $background 60%; }
    AskDialog Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 96%; padding: 1 2; background: $panel;
    }
    AskDialog TextList { height: auto; max-height: 14; }
    AskDialog LinePane { height: 1; }
    AskDialog Input { height: 1; border: none; padding: 0; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "cancel", show=False),
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
    ]

    def __init__(self, plan: AskPlan) -> None:
        super().__init__()
        self._plan = plan

    def compose(self) -> ComposeResult:
        """What it does, the line to type the word in, and what was wrong with it."""
        with Vertical():
            yield TextList(id="ask-text")
            yield Input(placeholder=f"type {ASK_WORD} to begin", compact=True)
            yield LinePane(id="ask-keys")

    def on_mount(self) -> None:
        """Say it."""
        self.call_after_refresh(self._lay_out)
        self.set_focus(self.query_one(Input))
        keys = [("Enter ", "key"), ("begins once the word is there  ", "quiet")]
        self.query_one("#ask-keys", LinePane).put([[*keys, ("Esc ", "key"), ("cancels", "quiet")]])

    def on_resize(self) -> None:
        """Wrap anew."""
        self.call_after_refresh(self._lay_out)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Begin, or say that the word is not there."""
        if event.value.strip().lower() == ASK_WORD:
            self.dismiss(True)
        else:
            wrong = f"nothing is sent: type the word {ASK_WORD}, or press Esc"
            self.query_one("#ask-keys", LinePane).put([[(wrong, "bad")]])

    def action_move(self, by: int) -> None:
        """Scroll."""
        self.query_one(TextList).move(by)

    def _lay_out(self) -> None:
        page = self.query_one(TextList)
        page.put(ask_lines(self._plan, max(20, page.size.width - 2)))


def ask_lines(plan: AskPlan, width: int) -> Iterator[Line]:
    """Yield what asking would do, the worst first."""
    units = ", ".join(map(plain_text, plan.units))
    often = f"{plan.per_second:g} question{'' if plan.per_second == 1 else 's'} a second"
    yield [("ASK: read the car's diagnostics", "title")]
    yield from _rows(f"evdiag will transmit: {often} to {units}.", width, "bad")
    yield from _rows(
        f"They only read. That this works on {plain_text(plan.vehicle)} is "
        f"{' and '.join(plan.evidence)}.",
        width,
    )
    for channel in plan.silent:
        words = (
            f"{plain_text(channel)} is verified silent now. Asking ends that until you leave it."
        )
        yield from _rows(words, width, "odd")
    for warning in plan.warnings:
        yield from _rows(f"! {plain_text(warning.text)} ({warning.evidence})", width, "odd")
    yield from _rows("It is all recorded, also where nothing was until now.", width)
    yield from _rows("A again, or leaving, stops it at once.", width)


def _rows(text: str, width: int, tone: str = "") -> Iterator[Line]:
    yield from ([(row, tone)] for row in wrap(text, width))
