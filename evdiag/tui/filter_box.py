"""The line in which a filter is typed; it is there only while it is needed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class FilterBox(Input):
    """Opens with the filter key, filters while typing, closes with Enter or Escape.

    Enter keeps the filter, Escape clears it.
    """

    DEFAULT_CSS = """
    FilterBox { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    FilterBox:focus { border: none; }
    FilterBox.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_and_close", "clear the filter", show=False)
    ]

    def __init__(self, example: str) -> None:
        super().__init__(placeholder=example, compact=True, select_on_focus=False)

    def open(self) -> None:
        """Show the line and type in it."""
        self.add_class("-open")
        self.focus()

    def close(self) -> None:
        """Hide the line; what was typed stays in force."""
        self.remove_class("-open")
        self.screen.set_focus(None)

    def on_input_submitted(self) -> None:
        """Keep the filter."""
        self.close()

    def action_clear_and_close(self) -> None:
        """Show everything again."""
        self.value = ""
        self.close()
