"""The cases of the case book: to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from evdiag.casebook.telling import day
from evdiag.plain import plain_text
from evdiag.tui.case_screen import PULL_S, CaseScreen, Reading
from evdiag.tui.help_screen import HelpScreen, text_lines
from evdiag.tui.lines import (
    Drawing,
    Line,
    LineList,
    LinePane,
    Piece,
    cut,
    fit,
    fit_right,
    spread,
)
from evdiag.tui.view import HelpText

if TYPE_CHECKING:
    from evdiag.casebook.values import CaseCard, CaseFile

ABOUT: Final = HelpText(
    "The cases",
    (
        "Each line is a case of the case book, the newest first: its number, when it was opened, "
        "its car, how many recordings are in it, how many faults they show, and what the car is "
        "here for.",
        "A case is opened with K while a recording is played or recorded, or with `evdiag cases "
        "new`; `evdiag cases close` closes it.",
        "↑ ↓: choose.  Enter: all of the case.  a: the closed ones, too.  Esc, q: back.",
    ),
)
_NUMBER, _DAY, _CAR, _PROFILE, _RECORDINGS, _FAULTS = 5, 10, 16, 14, 5, 7


@dataclass(frozen=True, slots=True)
class CaseLook:
    """How screens look at cases: all of them, and one by its number. Both take their time.

    Both raise EvdiagError where the book cannot be read.
    """

    cases: Callable[[], Sequence[CaseCard]]
    case: Callable[[int], CaseFile]


class CaseList(LineList):
    """One line a case."""

    def __init__(self) -> None:
        super().__init__(id="cases")
        self.cases: Sequence[CaseCard] = ()

    def line(self, index: int, width: int) -> Line:
        """Write one case."""
        return case_row(self.cases[index], width)


class CasesScreen(Screen[None]):
    """Lists the open cases; Enter shows one."""

    CSS = """
    CasesScreen #cases-head { height: 1; background: $panel; }
    CasesScreen #cases-columns { height: 1; }
    CasesScreen #cases { height: 1fr; }
    CasesScreen #cases-said { height: 1; }
    CasesScreen #cases-keys { height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "back"),
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("pageup", "page(-1)", "page up"),
        Binding("pagedown", "page(1)", "page down"),
        Binding("enter", "take", "show"),
        Binding("a", "closed", "closed ones, too"),
        Binding("question_mark,f1", "about", "help"),
        Binding("T", "app.theme", "theme"),
    ]

    def __init__(self, look: CaseLook) -> None:
        super().__init__()
        self._look = look
        self._reading = Reading(look.cases)
        self._with_closed = False
        self._taken: object = None

    def compose(self) -> ComposeResult:
        """Head, columns, cases, what is wrong, keys."""
        yield LinePane(id="cases-head")
        yield LinePane(id="cases-columns")
        yield CaseList()
        yield LinePane(id="cases-said")
        yield LinePane(id="cases-keys")

    def on_mount(self) -> None:
        """Paint, then read."""
        self._reading.begin()
        self.set_focus(self._list)
        self.set_interval(PULL_S, self.draw)
        self.call_after_refresh(self.draw)

    def on_drawing_resized(self, event: Drawing.Resized) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw what has been read."""
        if not self.is_mounted:
            return
        found, width = self._reading.found, self.size.width
        if self._taken is not found:
            self._taken = found
            self._take_in()
        open_ones = sum(case.is_open for case in found or ())
        title = [(" evdiag", "title"), ("  Cases", "strong")]
        right = [] if found is None else [(f"{open_ones} open of {len(found)} ", "quiet")]
        self._pane("head").put([spread(title, right, width)])
        self._pane("columns").put([_head_line(width)])
        self._pane("said").put([cut(self._said(), width)])
        a = "without the closed  " if self._with_closed else "the closed, too  "
        keys = [
            ("Esc ", "key"), ("back  ", ""), ("↑ ↓ ", "key"), ("choose  ", ""), ("Enter ", "key"),
            ("the case  ", ""), ("a ", "key"), (a, ""), ("? ", "key"), ("help", ""),
        ]  # fmt: skip
        self._pane("keys").put([cut([(" ", ""), *keys], width)])

    def action_move(self, by: int) -> None:
        """Choose another case."""
        self._list.move(by)

    def action_page(self, direction: int) -> None:
        """Go a page down or up."""
        self._list.page(direction)

    def action_closed(self) -> None:
        """Show the closed ones as well, or not any more."""
        self._with_closed = not self._with_closed
        self._take_in()
        self.draw()

    def action_take(self) -> None:
        """Show the chosen case."""
        if self._list.cases:
            number = self._list.cases[self._list.cursor].number
            self.app.push_screen(CaseScreen(number, lambda: self._look.case(number)))

    def action_about(self) -> None:
        """Say what is seen here."""
        self.app.push_screen(HelpScreen(lambda width: text_lines(ABOUT, width)))

    def _take_in(self) -> None:
        found = self._reading.found or ()
        self._list.cases = [case for case in found if self._with_closed or case.is_open]
        self._list.resize_to(len(self._list.cases))

    def _said(self) -> Line:
        if self._reading.failed:
            return [(f" {self._reading.failed}", "bad")]
        if self._reading.found is None:
            return [(" reading the case book …", "quiet")]
        if not self._list.cases:
            return [(" No case is open. K opens one while a recording is played.", "empty")]
        return []

    @property
    def _list(self) -> CaseList:
        return self.query_one(CaseList)

    def _pane(self, name: str) -> LinePane:
        return self.query_one(f"#cases-{name}", LinePane)


def case_row(case: CaseCard, width: int) -> Line:
    """Return a case in a list."""
    car = case.vehicle
    faults: Piece = (fit_right(str(case.faults or "–"), _FAULTS), "bad" if case.faults else "quiet")
    became = "" if case.is_open else f"closed: {case.verdict or 'no verdict'}"
    about = "; ".join(text for text in (case.complaint, became) if text)
    return cut(
        [
            (fit_right(str(case.number), _NUMBER), "strong"),
            (f"  {day(case.opened_ns):<{_DAY}}  ", "quiet"),
            (fit(plain_text(car.name), _CAR), "strong"),
            (f"  {fit(plain_text(car.profile or ''), _PROFILE)}", "quiet"),
            (fit_right(str(case.sessions), _RECORDINGS), ""),
            faults,
            (f"  {plain_text(about)}", "" if case.is_open else "quiet"),
        ],
        width,
    )


def _head_line(width: int) -> Line:
    names = (
        fit_right("case", _NUMBER + 1),
        f"  {'opened':<{_DAY}}  ",
        fit("car", _CAR),
        f"  {fit('model', _PROFILE)}",
        fit_right("recs", _RECORDINGS),
        fit_right("faults", _FAULTS),
        "  complaint",
    )
    return cut([("".join(names), "quiet")], width)
