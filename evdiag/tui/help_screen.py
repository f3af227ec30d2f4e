"""Help: for what has the focus first, then every action with the keys it has now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.screen import ModalScreen

from evdiag.tui.actions import Deck, actions_for, meant, shown_key, works_in
from evdiag.tui.lines import Line, LinePane, TextList, fit, wrap
from evdiag.tui.view import HelpText

_CLOSING = ("escape", "q", "question_mark", "f1")
_KEYS = 14


class HelpScreen(ModalScreen[None]):
    """A page to scroll through."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen Vertical { width: 90%; max-width: 90; height: 90%; padding: 1 2; }
    HelpScreen Vertical { background: $panel; }
    HelpScreen LinePane { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(_CLOSING), "dismiss", "close", show=False),
        Binding("up,k", "scroll(-1)", "up", show=False),
        Binding("down,j", "scroll(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown,space", "page(1)", "page down", show=False),
    ]

    def __init__(self, page: Callable[[int], Iterable[Line]]) -> None:
        """`page` writes the help for a width."""
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        """The page, and how to leave it."""
        with Vertical():
            yield TextList(id="help-text")
            yield LinePane(id="help-keys")

    def on_mount(self) -> None:
        """Say how to leave."""
        leave = [("Esc ", "key"), ("closes  ", "quiet"), ("↑ ↓ PgUp PgDn ", "key")]
        self.query_one("#help-keys", LinePane).put([[*leave, ("scroll", "quiet")]])
        self.call_after_refresh(self._lay_out)

    def on_resize(self, event: Resize) -> None:
        """Wrap anew."""
        self.call_after_refresh(self._lay_out)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(TextList).move(by)

    def action_page(self, direction: int) -> None:
        """Scroll by pages."""
        self.query_one(TextList).page(direction)

    def _lay_out(self) -> None:
        page = self.query_one(TextList)
        page.put(self._page(max(20, page.size.width - 2)))


def text_lines(text: HelpText, width: int) -> Iterator[Line]:
    """Yield a help text, wrapped."""
    yield [(text.title, "title")]
    for paragraph in text.paragraphs:
        yield from ([(row, "")] for row in wrap(paragraph, width))
        yield []


def help_lines(
    text: HelpText,
    view: str,
    keys: Mapping[str, tuple[str, ...]],
    decks: Collection[Deck],
    width: int,
) -> Iterator[Line]:
    """Yield the help of a view, then all actions by group with their keys."""
    yield from text_lines(text, width)
    for group, actions in groupby(actions_for(decks), key=lambda action: action.group):
        yield [(group, "title")]
        for action in actions:
            here = works_in(action, view)
            bound = [
                k for k in keys[action.id] if not here or meant(k, view, decks, keys) is action
            ]
            shown = " ".join(map(shown_key, bound)) or "no key"
            where = "" if here else f" (in {' and '.join(action.views)})"
            for at, row in enumerate(wrap(action.help + where, width - _KEYS - 1)):
                yield [(fit(shown if not at else "", _KEYS), "key"), (f" {row}", "")]
        yield []
