"""What every view is: a part of the screen that shows a moment when it is asked to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical

from evdiag.tui.lines import LineList

if TYPE_CHECKING:
    from evdiag.tui.moment import Moment


@dataclass(frozen=True, slots=True)
class HelpText:
    """The help of a view or of a part of it: a title and paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


class View(Vertical):
    """One of the views behind the tabs.

    `show` draws a moment; it is called ten times a second while the view is in sight. Actions that
    only this view knows are methods called ``act_`` and the action's id.
    """

    NAME: ClassVar[str]
    ABOUT: ClassVar[HelpText]

    DEFAULT_CSS = "View { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id=self.NAME)
        self._moment: Moment | None = None

    def show(self, moment: Moment) -> None:
        """Draw a moment."""
        self._moment = moment
        self.draw(moment)

    def draw(self, moment: Moment) -> None:
        """Draw a moment into the view's parts."""
        raise NotImplementedError

    @property
    def moment(self) -> Moment:
        """The moment last shown; actions happen in a view that has been seen."""
        assert self._moment is not None
        return self._moment

    @property
    def main_list(self) -> LineList | None:
        """The list that the list keys move in."""
        return None

    def local_action(self, name: str) -> Callable[[], None] | None:
        """Return what an action of this view does; None where it is not one of its own."""
        found: Callable[[], None] | None = getattr(self, f"act_{name}", None)
        return found

    def text_to_copy(self) -> str:
        """Return what the copy key takes."""
        return ""
