"""The guide screen: one step at a time, and beside it the picture of what the bus shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from evdiag.tui.guide_pane import GUIDE_HELP, GuidePane
from evdiag.tui.guide_side import side_lines
from evdiag.tui.lines import LineList, LinePane
from evdiag.tui.moment import Moment
from evdiag.tui.view import HelpText, View


class GuideView(View):
    """The guide; where it is wide, with the port beside it."""

    NAME: ClassVar[str] = "guide"
    ABOUT: ClassVar[HelpText] = GUIDE_HELP

    # Not scoped: the breakpoint classes stand on the screen.
    SCOPED_CSS = False
    DEFAULT_CSS = """
    GuideView #guide-side { display: none; }
    .-wide GuideView #guide-side { display: block; width: 46; height: 1fr; background: $surface; }
    """

    def compose(self) -> ComposeResult:
        """The guide, and the port."""
        with Horizontal():
            yield GuidePane()
            yield LinePane(id="guide-side")

    @property
    def pane(self) -> GuidePane:
        """The guide itself."""
        return self.query_one(GuidePane)

    @property
    def main_list(self) -> LineList:
        """What can be scrolled."""
        return self.pane.rest

    def draw(self, moment: Moment) -> None:
        """Draw the guide as it stands right now, and the port of the moment."""
        self.pane.show(moment.see_guide())
        side = self.query_one("#guide-side", LinePane)
        if side.display:
            side.put(side_lines(moment, side.size.width, side.size.height))

    def local_action(self, name: str) -> Callable[[], None] | None:
        """Answers, orders and the arrows mean the guide here."""
        return self.pane.action_for(name)

    def text_to_copy(self) -> str:
        """Copy everything."""
        return self.pane.text
