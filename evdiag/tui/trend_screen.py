"""One car over months: a plot, and what can be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from evdiag.plain import plain_text
from evdiag.recurrence.series import series_of
from evdiag.tui.help_screen import HelpScreen, text_lines
from evdiag.tui.lines import Drawing, LinePane, TextList, cut, spread
from evdiag.tui.trend_lines import sentence_lines
from evdiag.tui.trend_plot import DRAWN, PLAIN, TrendPlot
from evdiag.tui.view import HelpText

if TYPE_CHECKING:
    from evdiag.recurrence.saying import What
    from evdiag.recurrence.workshop import Car

ABOUT = HelpText(
    "A car over time",
    (
        "A dot is the time of one attempt, in seconds, from the request to the lock reporting open "
        "(l: from the command to the lock reporting closed). ▴ is one too long for the picture.",
        "× at the top is an attempt that failed. An upright line is a repair.",
        "The thick line is what is known to have changed: slowly, or in steps. Where there is "
        "none, nothing is known to have changed.",
        "Below is what can be said, what is worse (▲) first, each sentence with its numbers; n "
        "counts attempts. Of too few nothing is said.",
        "l: time to release, or to lock.  ← →: the car before, the next one.  ↑ ↓: scroll.  "
        "Esc: back.",
    ),
)
_TITLES: dict[What, str] = {"release": "time to release, s", "lock": "time to lock, s"}


class TrendScreen(Screen[int]):
    """Shows one of `cars`; answers with the number of the one that was shown last."""

    CSS = """
    TrendScreen #trend-head { height: 1; background: $panel; }
    TrendScreen #trend-plot { height: 3fr; min-height: 8; }
    TrendScreen #trend-said { height: 2fr; background: $surface; }
    TrendScreen #trend-keys { height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back"),
        Binding("left,p", "other(-1)", "car before"),
        Binding("right,n", "other(1)", "next car"),
        Binding("l", "what", "release or lock"),
        Binding("up,k", "scroll(-1)", "up"),
        Binding("down,j", "scroll(1)", "down"),
        Binding("pageup", "page(-1)", "page up"),
        Binding("pagedown", "page(1)", "page down"),
        Binding("question_mark,f1", "about", "help"),
        Binding("T", "app.theme", "theme"),
    ]

    def __init__(self, cars: Sequence[Car], number: int) -> None:
        super().__init__()
        self._cars = cars
        self.number = number
        self.what: What = "release"

    def compose(self) -> ComposeResult:
        """Head, plot, sentences, keys."""
        yield LinePane(id="trend-head")
        yield TrendPlot(id="trend-plot")
        yield TextList(id="trend-said")
        yield LinePane(id="trend-keys")

    def on_mount(self) -> None:
        """Draw, and again in the colours of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.draw())
        self.call_after_refresh(self.draw)

    def on_drawing_resized(self, event: Drawing.Resized) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw the car that is shown."""
        if not self.is_mounted:
            return
        car, width = self._cars[self.number], self.size.width
        name, model = plain_text(car.history.name), plain_text(car.history.model)
        place = f"{self.number + 1} of {len(self._cars)} "
        title = [(" evdiag  ", "title"), (name, "strong"), (f"  {model}  ", "quiet")]
        self._pane("head").put(
            [spread([*title, (_TITLES[self.what], "")], [(place, "quiet")], width)]
        )
        signs = DRAWN if has_signs(self.app.console.encoding) else PLAIN
        series = series_of(car.history, car.trend, self.what)
        self.query_one(TrendPlot).put(series, signs)
        said = self.query_one(TextList)
        said.put(sentence_lines(car.trend.sentences, said.size.width - 2))
        keys = [
            ("Esc ", "key"), ("back  ", ""), ("← → ", "key"), ("other car  ", ""), ("l ", "key"),
            ("lock  " if self.what == "release" else "release  ", ""), ("↑ ↓ ", "key"),
            ("scroll  ", ""), ("? ", "key"), ("help", ""),
        ]  # fmt: skip
        self._pane("keys").put([cut([(" ", ""), *keys], width)])

    def action_back(self) -> None:
        """Go back to the list."""
        self.dismiss(self.number)

    def action_other(self, by: int) -> None:
        """Show another car."""
        self.number = max(0, min(self.number + by, len(self._cars) - 1))
        self.query_one(TextList).scroll_to(y=0, animate=False, immediate=True)
        self.draw()

    def action_what(self) -> None:
        """Go from the time to release to the time to lock, and back."""
        self.what = "lock" if self.what == "release" else "release"
        self.draw()

    def action_scroll(self, by: int) -> None:
        """Scroll the sentences."""
        self.query_one(TextList).move(by)

    def action_page(self, direction: int) -> None:
        """Scroll the sentences by pages."""
        self.query_one(TextList).page(direction)

    def action_about(self) -> None:
        """Say what is seen here."""
        self.app.push_screen(HelpScreen(lambda width: text_lines(ABOUT, width)))

    def _pane(self, name: str) -> LinePane:
        return self.query_one(f"#trend-{name}", LinePane)


def has_signs(encoding: str) -> bool:
    """Tell whether a terminal has more than letters."""
    return encoding.lower().startswith("utf")
