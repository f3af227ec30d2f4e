"""The workshop: all cars of the case book, those that are getting worse first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from evdiag.errors import EvdiagError
from evdiag.tui.config import TuiConfig
from evdiag.tui.help_screen import HelpScreen, text_lines
from evdiag.tui.lines import Drawing, Line, LineList, LinePane, cut, spread
from evdiag.tui.themed_app import ThemedApp
from evdiag.tui.trend_lines import head_line, row_line, said_lines, sentence_lines
from evdiag.tui.view import HelpText

if TYPE_CHECKING:
    from evdiag.recurrence.workshop import Car
    from evdiag.tui.cases_screen import CaseLook

PULL_S = 0.1
_ROOMY = 70
ABOUT = HelpText(
    "The workshop",
    (
        "Each line is a car of the case book: how many unlocks are known of it, how many of them "
        "failed, how long the lock took to open before and in the last 60 days, and how that went "
        "over the whole time (from zero up; a gap is a time without the car).",
        "▲ is getting worse, and comes first; ▼ is getting better. Below stands what can be said "
        "of the chosen car.",
        "↑ ↓: choose.  Enter: the car over time.  c: the open cases.  Esc, q: leave.",
    ),
)


class CarList(LineList):
    """One line a car."""

    def __init__(self) -> None:
        super().__init__(id="cars")
        self.cars: Sequence[Car] = ()
        self.signs = ""

    def line(self, index: int, width: int) -> Line:
        """Write one car."""
        return row_line(self.cars[index].row, width, self.signs)


class WorkshopApp(ThemedApp):
    """Lists cars; `find` reads and reckons, in a thread of its own, since it may take a while.

    With a `look` at the cases those can be seen from here, too.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; background: $panel; }
    #columns { height: 1; }
    #cars { height: 3fr; }
    #said { height: 2fr; max-height: 9; background: $surface; padding: 0 0; }
    #keys { height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("pageup", "page(-1)", "page up"),
        Binding("pagedown", "page(1)", "page down"),
        Binding("enter", "take", "show"),
        Binding("c", "cases", "cases"),
        Binding("question_mark,f1", "about", "help"),
        Binding("T", "theme", "theme"),
        Binding("q", "leave", "leave"),
        Binding("escape", "go_back", "back"),
    ]

    def __init__(
        self,
        find: Callable[[], Sequence[Car]],
        look: CaseLook | None = None,
        *,
        config: TuiConfig | None = None,
    ) -> None:
        super().__init__(config)
        self._find = find
        self._look_at_cases = look
        self._look_at_cases = look
        self._found: Sequence[Car] | None = None
        self._failed = ""
        self.went_back = False

    @property
    def is_ready(self) -> bool:
        """True once the cars are known, or why they are not."""
        return self._found is not None or bool(self._failed)

    def compose(self) -> ComposeResult:
        """Head, columns, cars, what is said of one, keys."""
        yield LinePane(id="head")
        yield LinePane(id="columns")
        yield CarList()
        yield LinePane(id="said")
        yield LinePane(id="keys")

    def on_mount(self) -> None:
        """Paint, then read the book."""
        self.set_focus(self.query_one(CarList))
        self.set_interval(PULL_S, self.draw)
        self.call_after_refresh(self._begin_to_look)

    def _begin_to_look(self) -> None:
        self.draw()
        threading.Thread(target=self._look, name="case book", daemon=True).start()

    def _look(self) -> None:
        try:
            self._found = self._find()
        except EvdiagError as error:
            self._failed = str(error)

    def draw(self) -> None:
        """Draw."""
        if not self._has("keys"):
            return
        listed, width = self._list, self.size.width
        if self._found is not None and listed.cars is not self._found:
            self._take_in(self._found)
        self._pane("head").put([spread(*self._head(), width)])
        self._pane("columns").put([head_line(width)])
        self._pane("said").put(self._said(width))
        car = "the car over time  " if width >= _ROOMY else "the car  "
        keys = [("↑ ↓ ", "key"), ("choose  ", ""), ("Enter ", "key"), (car, "")]
        cases = [] if self._look_at_cases is None else [("c ", "key"), ("cases  ", "")]
        more = [("? ", "key"), ("help  ", ""), ("q ", "key"), ("leaves", "")]
        self._pane("keys").put([cut([(" ", ""), *keys, *cases, *more], width)])

    def on_drawing_resized(self, event: Drawing.Resized) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def action_move(self, by: int) -> None:
        """Choose another car."""
        self._list.move(by)
        self.draw()

    def action_page(self, direction: int) -> None:
        """Go a page down or up."""
        self._list.page(direction)
        self.draw()

    def action_take(self) -> None:
        """Show the chosen car over time."""
        if not self._found:
            return
        # The plotting library takes its time, and only this screen needs it.
        from evdiag.tui.trend_screen import TrendScreen

        def come_back(number: int | None) -> None:
            self._list.place(number or 0)
            self.draw()

        self.push_screen(TrendScreen(self._found, self._list.cursor), come_back)

    def action_cases(self) -> None:
        """Show the cases."""
        if self._look_at_cases is not None:
            from evdiag.tui.cases_screen import CasesScreen

            self.push_screen(CasesScreen(self._look_at_cases))

    def action_about(self) -> None:
        """Say what is seen here."""
        self.push_screen(HelpScreen(lambda width: text_lines(ABOUT, width)))

    def action_leave(self) -> None:
        """Leave."""
        self.exit()

    def action_go_back(self) -> None:
        """Leave for the screen before, where there is one."""
        self.went_back = True
        self.action_leave()

    @property
    def _list(self) -> CarList:
        return self.screen_stack[0].query_one(CarList)

    def _take_in(self, cars: Sequence[Car]) -> None:
        from evdiag.recurrence.sparkline import BLOCKS, PLAIN

        self._list.cars = cars
        self._list.signs = BLOCKS if self.console.encoding.startswith("utf") else PLAIN
        self._list.resize_to(len(cars))

    def _head(self) -> tuple[Line, Line]:
        title = [(" evdiag", "title"), ("  Workshop", "strong")]
        if self._found is None:
            return title, []
        worse = sum(car.row.severity == "worse" for car in self._found)
        cars = f"{len(self._found)} car{'' if len(self._found) == 1 else 's'}"
        return title, [(f"{cars}, {worse} getting worse ", "bad" if worse else "quiet")]

    def _said(self, width: int) -> list[Line]:
        if self._failed:
            return list(said_lines(self._failed, "bad", width))
        if self._found is None:
            return list(said_lines("reading the case book …", "quiet", width))
        if not self._found:
            empty = "The case book holds no car with a name and a dated recording."
            return list(said_lines(empty, "empty", width))
        return list(sentence_lines(self._found[self._list.cursor].trend.sentences, width))


def workshop_app() -> WorkshopApp:
    """Return the screen that looks at the user's case book; it changes nothing there.

    Raises:
        BadInputError: the libraries of the workshop are not installed.
    """
    from evdiag.casebook.looking import all_cases, cars_over_time, whole_case
    from evdiag.casebook.needed import need_workshop
    from evdiag.tui.cases_screen import CaseLook

    need_workshop("scipy", "statsmodels", "textual_plotext")
    return WorkshopApp(cars_over_time, CaseLook(all_cases, whole_case))
