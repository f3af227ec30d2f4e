"""The times of a car over months as a plot of signs (plotext).

Points are single times, crosses at the top attempts that failed, uprights repairs, the line what
is known to have changed: each has a sign of its own, and a colour that repeats it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.color import Color
from textual_plotext import PlotextPlot

from evdiag.recurrence.wording import month_ticks

if TYPE_CHECKING:
    from evdiag.recurrence.series import Series

DAY_NS: Final = 86_400_000_000_000
_MONTH_WIDTH: Final = 10
"""Cells that the name of a month takes with the room around it."""


class Signs(NamedTuple):
    """What is drawn with; braille puts eight dots into a cell."""

    point: str
    failure: str
    line: str
    long: str


DRAWN: Final = Signs("braille", "×", "━", "▴")
PLAIN: Final = Signs(".", "x", "=", "^")
"""For terminals that have letters only."""


class TrendPlot(PlotextPlot):
    """Draws a series when it is given one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.series: Series | None = None

    def put(self, series: Series, signs: Signs) -> None:
        """Show a series from now on."""
        self.series = series
        plot = self.plt
        plot.clear_figure()
        first, last = (each / DAY_NS for each in series.span_ns)
        highest = series.highest_s
        edge = max((last - first) * 0.01, 0.5)
        plot.xlim(first - edge, last + edge)
        plot.ylim(0, highest * 1.12)
        ticks = _round_numbers(highest)
        plot.yticks(ticks, [f"{tick:g}" for tick in ticks])
        plot.xticks(*month_ticks(first, last, max(2, (self.size.width or 80) // _MONTH_WIDTH)))
        for mark in series.repairs:
            plot.vline(mark.time_ns / DAY_NS, color=self._colour("foreground"))
        inside = [p for p in series.points if p.seconds <= highest]
        beyond = [p.time_ns for p in series.points if p.seconds > highest]
        self._scatter(
            [p.time_ns for p in inside], [p.seconds for p in inside], signs.point, "accent"
        )
        self._scatter(beyond, [highest] * len(beyond), signs.long, "accent")
        failed = [mark.time_ns for mark in series.failures]
        self._scatter(failed, [highest * 1.1] * len(failed), signs.failure, "bad")
        for stroke in series.strokes:
            plot.plot(
                [stroke.from_ns / DAY_NS, stroke.to_ns / DAY_NS],
                [stroke.from_s, stroke.to_s],
                marker=signs.line,
                color=self._colour("busy"),
            )
        self.refresh()

    def _scatter(
        self, times_ns: Sequence[int], seconds: Sequence[float], sign: str, tone: str
    ) -> None:
        if times_ns:
            days = [time_ns / DAY_NS for time_ns in times_ns]
            self.plt.scatter(days, list(seconds), marker=sign, color=self._colour(tone))

    def _colour(self, name: str) -> tuple[int, int, int]:
        return Color.parse(self.app.theme_variables[name]).rgb


def _round_numbers(highest: float) -> list[float]:
    """Return up to six round numbers from zero up."""
    rough = highest / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    return [round(step * number, 6) for number in range(int(highest / step) + 1)]
