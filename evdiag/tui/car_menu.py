"""What you do at the virtual car: a panel at the bottom, each act with its key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.screen import ModalScreen

from evdiag.plain import plain_text
from evdiag.tui.lines import Line, LinePane, fit
from evdiag.tui.virtual_car import VirtualCar

_COLUMN = 28


class CarMenu(ModalScreen[None]):
    """Stays open, so that acts can follow one another; the screen behind it goes on."""

    DEFAULT_CSS = """
    CarMenu { align: center bottom; background: $background 0%; }
    CarMenu LinePane { width: 100%; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "close", show=False)
    ]

    def __init__(self, car: VirtualCar) -> None:
        super().__init__()
        self._car = car
        self._done = ""

    def compose(self) -> ComposeResult:
        """One pane."""
        yield LinePane(id="acts")

    def on_mount(self) -> None:
        """Show what can be done now, and go on doing so: what is offered changes."""
        self._draw()
        self.set_interval(0.2, self._draw)

    def on_key(self, event: Key) -> None:
        """Do the act of a key."""
        for act, words, key in self._car.acts():
            if key == event.key:
                event.stop()
                self._car.do(act)
                self._done = words
                self._draw()
                return

    def _draw(self) -> None:
        width = self.size.width
        lines = act_lines(self._car.acts(), self._done, width)
        pane = self.query_one("#acts", LinePane)
        pane.styles.height = len(lines)
        pane.put(lines)


def act_lines(acts: Sequence[tuple[str, str, str]], done: str, width: int) -> list[Line]:
    """Lay the acts out in columns, with what was done last."""
    columns = max(1, width // _COLUMN)
    size = width // columns
    height = -(-len(acts) // columns)
    title = "What you do at the car"
    last = f"   {plain_text(done)}" if done else ""
    lines: list[Line] = [
        [(f" {title}", "title"), (last, "busy"), ("   Esc ", "key"), ("closes", "quiet")]
    ]
    for row in range(height):
        lines.append(
            [
                piece
                for _, words, key in acts[row::height]
                for piece in (
                    (f" {fit(key, 2)}", "key"),
                    (fit(plain_text(words), size - 4) + " ", ""),
                )
            ]
        )
    return lines
