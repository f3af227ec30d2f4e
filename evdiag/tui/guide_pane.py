"""The guide as a part of a screen: shows a page, and emits what the person answers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from evdiag.guide.page import Page
from evdiag.guide.walk import BACK, DANGER, REPEAT, RESUME, SKIP, STOP
from evdiag.tui.actions import GUIDE_LETTERS
from evdiag.tui.big_word import Size
from evdiag.tui.guide_lines import (
    BEGIN,
    CHOSEN,
    Choosable,
    Sight,
    choosable,
    head_line,
    option_lines,
    order_lines,
    rest_lines,
    session_line,
    top_lines,
)
from evdiag.tui.lines import Line, LinePane, TextList, cut
from evdiag.tui.view import HelpText

GUIDE_HELP: Final = HelpText(
    "The guide",
    (
        "One step at a time: what to do, and below it what the bus shows meanwhile. ✔ seen, ✘ not "
        "seen in its time, … waiting for it, · not its turn yet, ? this car does not show it. "
        "Where the bus proves a step by itself, the guide goes on without an answer.",
        "Each answer has a letter in front of it; or ↑ ↓ choose one and Enter gives it. A warning "
        "must be acknowledged before its step begins. Where the bus shows otherwise than you say, "
        "the guide asks for a second look; the same answer again is taken.",
        "The line above the answers says whether the charging session is over. While it is, or may "
        "be, alive, nothing that pulls is offered; and no force unless the cable was made dead.",
        "PgUp and PgDn scroll through why, what the bus shows, and what was done so far.",
    ),
)

_ORDERS: Final = {
    "guide_again": REPEAT,
    "guide_back": BACK,
    "guide_skip": SKIP,
    "guide_danger": DANGER,
}
LOOK_S = 0.5
"""For how long after a page has changed no answer is taken: it was meant for the page before."""

_REST_ROWS = 4
"""Rows that can be scrolled, at the least, where there is anything to scroll."""


_LEAST_TOP = 2
"""Rows of what to do that cannot be scrolled away, where there is room for so many."""


class GuidePane(Vertical):
    """One step large, the rest to scroll, the answers below."""

    DEFAULT_CSS = """
    GuidePane { height: 1fr; padding: 0 1; }
    GuidePane #guide-head { height: 1; }
    GuidePane #guide-top { height: 3; }
    GuidePane #guide-below { height: 3; background: $surface; }
    """

    class Said(Message):
        """The person gave an answer, or an order, to the step that was shown."""

        def __init__(self, step: str, answer: str) -> None:
            super().__init__()
            self.step = step
            self.answer = answer

    class Begun(Message):
        """The person wants to be guided."""

    def __init__(self) -> None:
        super().__init__(id="guide-pane")
        self._sight: Sight | None = None
        self._chosen = 0
        self._place: tuple[str, str] | None = None
        self._changed_s = -math.inf

    def compose(self) -> ComposeResult:
        """The border, what is always seen, what scrolls, the answers."""
        yield LinePane(id="guide-head")
        yield LinePane(id="guide-top")
        yield TextList(id="guide-rest")
        yield LinePane(id="guide-below")

    @property
    def rest(self) -> TextList:
        """What can be scrolled."""
        return self.query_one("#guide-rest", TextList)

    @property
    def text(self) -> str:
        """Everything that is shown, as plain text."""
        return "\n".join(
            (self._line_pane("top").text, self.rest.text, self._line_pane("below").text)
        )

    # -- drawing -----------------------------------------------------------------------------

    def show(self, sight: Sight) -> None:
        """Show how the guide stands; the first answer is chosen when a step is new."""
        self._sight = sight
        place = None if sight.page is None else (sight.page.step, sight.page.phase)
        if place != self._place:
            self._place = place
            self._changed_s = time.monotonic()
            self._chosen = 0
            self.rest.scroll_to(y=0, animate=False, immediate=True)
        self._draw(sight)

    def _draw(self, sight: Sight) -> None:
        width, height = max(self.size.width, 20), self.size.height - 1
        top, below, rest = self._laid_out(sight, width, height)
        self._line_pane("head").put([head_line(sight, width)])
        self._line_pane("top").put(top)
        self._line_pane("below").put(below)
        self._line_pane("top").styles.height = len(top)
        self._line_pane("below").styles.height = len(below)
        self.rest.put(rest)

    def _laid_out(
        self, sight: Sight, width: int, height: int
    ) -> tuple[list[Line], list[Line], list[Line]]:
        """Return what stands above, what below, and what can be scrolled between them.

        The roomiest form that fits is taken; where none does, the end of what to do scrolls too,
        and on the lowest terminals what can be said at any step goes: the answers stay.
        """
        rest = rest_lines(sight, width - 2)
        kept = _REST_ROWS if rest else 0
        for size, airy, each_on_its_own in _FORMS:
            top = top_lines(sight, width, size, airy=airy)
            below = self._below(sight, width, each_on_its_own=each_on_its_own)
            if len(top) + len(below) + kept <= height:
                return top, below, rest
        # As narrow as what scrolls: no end of a row is lost where it goes on there.
        top = top_lines(sight, width - 2, None)
        if len(below) + _LEAST_TOP + 1 > height:
            below = self._lowest(sight, width, height)
        room = max(min(_LEAST_TOP, height - len(below) - 1), height - len(below) - _REST_ROWS, 1)
        return top[:room], below, [*top[room:], *rest]

    def _below(self, sight: Sight, width: int, *, each_on_its_own: bool) -> list[Line]:
        options = option_lines(sight, self._chosen, width, each_on_its_own=each_on_its_own)
        return [*_session(sight, width), *options, *order_lines(sight, width)]

    def _lowest(self, sight: Sight, width: int, height: int) -> list[Line]:
        """Return the session and the chosen answer's row, with as many others as there is room."""
        session = _session(sight, width)
        rows = option_lines(sight, self._chosen, width, each_on_its_own=False)
        room = max(1, height - len(session) - 2)
        here = next((at for at, row in enumerate(rows) if (CHOSEN, "key") in row), 0)
        first = max(0, here - room + 1)
        shown = rows[first : first + room]
        if len(shown) < len(rows):
            shown[-1] = cut([*shown[-1], ("…", "quiet")], width)
        return [*session, *shown]

    def _line_pane(self, name: str) -> LinePane:
        return self.query_one(f"#guide-{name}", LinePane)

    # -- acting ------------------------------------------------------------------------------

    def action_for(self, name: str) -> Callable[[], None] | None:
        """Return what an action of the registry does here; None where it is not one of these."""
        if name in _ORDERS:
            return partial(self._order, _ORDERS[name])
        if name in ("guide_yes", "guide_no", *GUIDE_LETTERS):
            return partial(self._by_letter, name)
        acts: Mapping[str, Callable[[], None]] = {
            "up": partial(self._choose, -1),
            "down": partial(self._choose, 1),
            "guide_take": self._take,
            "guide_stop": self._stop_or_resume,
            "guide_begin": self.begin,
        }
        return acts.get(name)

    def begin(self) -> None:
        """Begin, where nobody is guided, or the guide has ended."""
        if self._sight is not None and any(each.answer == BEGIN for each in self._offered()):
            self.post_message(self.Begun())

    def _choose(self, by: int) -> None:
        last = len(self._offered()) - 1
        self._chosen = max(0, min(last, self._chosen + by))
        self._draw_again()

    def _take(self) -> None:
        offered = self._offered()
        # Enter pressed once too often must not begin anew what has just come to its end.
        if self._chosen < len(offered) and not (self._page and self._page.phase == "ended"):
            self._give(offered[self._chosen])

    def _by_letter(self, action: str) -> None:
        for each in self._offered():
            if each.action == action:
                self._give(each)

    def _give(self, chosen: Choosable) -> None:
        if time.monotonic() - self._changed_s < LOOK_S:
            return
        if chosen.answer == BEGIN:
            self.begin()
        else:
            self._order(chosen.answer)

    def _stop_or_resume(self) -> None:
        stopped = self._page is not None and self._page.phase == "stopped"
        self._order(RESUME if stopped else STOP)

    def _order(self, answer: str) -> None:
        if self._page is not None:
            self.post_message(self.Said(self._page.step, answer))

    @property
    def _page(self) -> Page | None:
        return None if self._sight is None else self._sight.page

    def _offered(self) -> list[Choosable]:
        return [] if self._sight is None else choosable(self._sight)

    def _draw_again(self) -> None:
        if self._sight is not None:
            self._draw(self._sight)


_FORMS: Final[tuple[tuple[Size | None, bool, bool], ...]] = (
    ("medium", True, True),
    ("medium", False, True),
    ("small", False, True),
    ("small", False, False),
    (None, False, False),
)
"""Letters of the countdown, whether the parts stand apart, and whether each answer has a row of
its own; the roomiest first."""


def _session(sight: Sight, width: int) -> list[Line]:
    return [] if sight.page is None else [session_line(sight.page, width)]
