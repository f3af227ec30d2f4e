"""The times of a car's lock over months as an SVG drawing.

Dots are single times, crosses on a line of their own attempts that failed, dashed uprights repairs,
the thick line what is known to have changed. Nothing foreign is drawn: dates and numbers only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from evdiag.recurrence.days import DAY_NS
from evdiag.recurrence.saying import What
from evdiag.recurrence.series import Series
from evdiag.recurrence.wording import month_ticks
from evdiag.report.svg import ACCENT, FAINT, INK, SOFT, new_figure, svg_text
from evdiag.report.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH_IN: Final = 7.2
_HEIGHT_IN: Final = 2.3
_AXIS: Final[dict[What, str]] = {"release": "trend_release", "lock": "trend_lock"}
MOST_MONTHS: Final = 9
"""Months that are written under the picture: more would touch each other."""


def trend_drawing(series: Series, words: Words) -> str:
    """Draw the times of a car; the same ones always give the same text.

    Raises:
        BadInputError: the plotting library is not installed.
    """
    with new_figure(_WIDTH_IN, _HEIGHT_IN) as figure:
        axes = figure.add_axes((0.075, 0.14, 0.91, 0.77))
        axes.set_facecolor("none")
        _frame(axes, series, words)
        _points(axes, series)
        _failures(axes, series, words)
        _repairs(axes, series)
        for stroke in series.strokes:
            ends = [_day(stroke.from_ns), _day(stroke.to_ns)]
            axes.plot(ends, [stroke.from_s, stroke.to_s], color=INK, lw=2.2, zorder=4)
        return svg_text(figure)


def _frame(axes: Axes, series: Series, words: Words) -> None:
    first, last = (_day(each) for each in series.span_ns)
    edge = max((last - first) * 0.015, 0.5)
    axes.set_xlim(first - edge, last + edge)
    axes.set_ylim(0, series.highest_s * 1.15)
    axes.set_ylabel(words(_AXIS[series.what]), size=7, color=INK, labelpad=2)
    axes.grid(axis="y", color=SOFT, lw=0.5, zorder=0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    days, names = month_ticks(first, last, MOST_MONTHS)
    axes.set_xticks(days, names)
    axes.tick_params(length=2.5, width=0.6, labelsize=7, color=FAINT, labelcolor=INK)


def _points(axes: Axes, series: Series) -> None:
    at = [_day(point.time_ns) for point in series.points]
    # What is too long for the picture stands at its edge, as a triangle.
    inside = [point.seconds <= series.highest_s for point in series.points]
    for shape, kept in (("o", True), ("^", False)):
        days = [day for day, is_in in zip(at, inside, strict=True) if is_in is kept]
        seconds = [
            min(point.seconds, series.highest_s)
            for point, is_in in zip(series.points, inside, strict=True)
            if is_in is kept
        ]
        axes.plot(days, seconds, shape, color=ACCENT, ms=2.2, mew=0, alpha=0.6, zorder=2)


def _failures(axes: Axes, series: Series, words: Words) -> None:
    if not series.failures:
        return
    level = series.highest_s * 1.08
    days = [_day(mark.time_ns) for mark in series.failures]
    axes.plot(days, [level] * len(days), "x", color=INK, ms=4, mew=0.9, zorder=3)
    axes.annotate(
        f"× {words('trend_failed')} ({len(days)})", (1, 1), xycoords="axes fraction",
        xytext=(0, 2), textcoords="offset points", ha="right", va="bottom", size=6.5, color=INK,
        annotation_clip=False,
    )  # fmt: skip


def _repairs(axes: Axes, series: Series) -> None:
    for mark in series.repairs:
        day = _day(mark.time_ns)
        axes.axvline(day, color=INK, lw=0.9, ls=(0, (4, 2)), zorder=1)
        axes.annotate(
            str(np.datetime64(int(day), "D")), (day, 0.02), xycoords=("data", "axes fraction"),
            xytext=(2, 0), textcoords="offset points", rotation=90, ha="left", va="bottom",
            size=6.5, color=INK,
        )  # fmt: skip


def _day(time_ns: int) -> float:
    return time_ns / DAY_NS
