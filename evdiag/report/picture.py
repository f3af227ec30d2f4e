"""The timeline as an SVG drawing.

Nothing foreign is drawn: words of the vocabulary and numbers only. What is dark is closed,
connected or alive; what is hatched is not known. So it reads without colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evdiag.port.charging import SAFE_INLET_VOLTAGE
from evdiag.report.model import Lane, Segment, Timeline
from evdiag.report.svg import ACCENT, FAINT, INK, SOFT, new_figure, svg_text
from evdiag.report.timeline import CHANGING
from evdiag.report.words import Words
from evdiag.vocabulary import INVALID, STALE, UNKNOWN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DARK = frozenset({"locked", "connected", "C1", "C2", "D1", "D2"})
_OPEN = frozenset({"unlocked", "disconnected", "A"})
_NOT_KNOWN = frozenset({UNKNOWN, STALE, INVALID})

_WIDTH_IN = 7.2
_LEFT_IN = 1.2
_RIGHT_IN = 0.08
_LANE_IN = 0.27
_VOLTAGE_IN = 0.62
_RULER_IN = 0.2
_AXIS_IN = 0.42
_CHARACTER_IN = 0.068
"""About what a letter of a label needs: one that does not fit is left out."""


def drawing(timeline: Timeline, words: Words) -> str:
    """Draw a timeline; the same one always gives the same text.

    Raises:
        BadInputError: the plotting library is not installed.
    """
    heights = list(_heights(timeline))
    height = sum(heights) + _AXIS_IN
    with new_figure(_WIDTH_IN, height) as figure:
        top = height
        for lane_height, draw in zip(heights, _drawers(timeline, words), strict=True):
            top -= lane_height
            left, wide = _LEFT_IN / _WIDTH_IN, (_WIDTH_IN - _LEFT_IN - _RIGHT_IN) / _WIDTH_IN
            axes = figure.add_axes((left, top / height, wide, lane_height / height))
            axes.set_xlim(timeline.from_s, timeline.to_s)
            axes.set_facecolor("none")
            draw(axes)
        _ruler(axes, words)
        return svg_text(figure)


# -- lanes -----------------------------------------------------------------------------------


def _heights(timeline: Timeline) -> Iterator[float]:
    for _ in timeline.rulers:
        yield _RULER_IN
    for lane in timeline.lanes:
        yield _VOLTAGE_IN if lane.points else _LANE_IN


def _drawers(timeline: Timeline, words: Words) -> Iterator[_Drawer]:
    for name in timeline.rulers:
        yield _Ruler(timeline, name, words)
    for lane in timeline.lanes:
        yield _Numbers(timeline, lane, words) if lane.points else _Words(timeline, lane, words)


class _Drawer:
    """Draws one strip of the picture, over the full time."""

    title = ""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._inches = (_WIDTH_IN - _LEFT_IN - _RIGHT_IN) / (timeline.to_s - timeline.from_s)

    def __call__(self, axes: Axes) -> None:
        axes.set_ylim(0, 1)
        axes.set_yticks([])
        axes.set_xticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.text(
            -0.012, 0.5, self.title, transform=axes.transAxes, ha="right", va="center", color=INK
        )
        for attempt in self.timeline.attempts:
            axes.axvspan(attempt.from_s, attempt.to_s, color=SOFT, alpha=0.55, lw=0, zorder=0)

    def fits(self, text: str, from_s: float, to_s: float) -> bool:
        """Tell whether a label has room between two moments."""
        return len(text) * _CHARACTER_IN + 0.04 < (to_s - from_s) * self._inches

    def seen(self, from_s: float, to_s: float) -> tuple[float, float] | None:
        """Return the part of a span that is in the picture."""
        first, last = max(from_s, self.timeline.from_s), min(to_s, self.timeline.to_s)
        return (first, last) if last >= first else None


class _Ruler(_Drawer):
    """Attempts, steps or marks, by their numbers."""

    def __init__(self, timeline: Timeline, name: str, words: Words) -> None:
        super().__init__(timeline)
        self.title = words(f"ruler_{name}")
        self._moments = getattr(timeline, name)
        self._stroke = {"attempts": 1.6, "steps": 0.7, "marks": 0.0}[name]

    def __call__(self, axes: Axes) -> None:
        super().__call__(axes)
        free_from = float("-inf")
        for moment in self._moments:
            span = self.seen(moment.from_s, moment.to_s)
            if span is None:
                continue
            first, last = span
            if self._stroke:
                axes.plot([first, last], [0.2, 0.2], color=ACCENT, lw=self._stroke)
            axes.plot([first, first], [0.02, 0.42], color=ACCENT, lw=0.9)
            label = str(moment.number)
            if first >= free_from:
                axes.text(first, 0.46, f" {label}", ha="left", va="bottom", color=ACCENT, size=7)
                free_from = first + (len(label) + 1.5) * _CHARACTER_IN / self._inches


class _Words(_Drawer):
    """A signal that speaks words: dark is closed, outlined is open, hatched is not known."""

    def __init__(self, timeline: Timeline, lane: Lane, words: Words) -> None:
        super().__init__(timeline)
        self.title = words.of("signals", lane.signal)
        self._lane = lane
        self._words = words

    def __call__(self, axes: Axes) -> None:
        super().__call__(axes)
        for segment in self._lane.segments:
            span = self.seen(segment.from_s, segment.to_s)
            if span is not None:
                self._bar(axes, segment, *span)

    def _bar(self, axes: Axes, segment: Segment, first: float, last: float) -> None:
        dark = segment.word in _DARK
        hatched = segment.word in _NOT_KNOWN or segment.word == CHANGING
        fill = ACCENT if dark else "white"
        if not dark and segment.word not in _OPEN and not hatched:
            fill = SOFT
        axes.barh(
            0.5,
            last - first,
            left=first,
            height=0.68,
            facecolor=fill,
            edgecolor=FAINT if hatched else ACCENT,
            hatch="////" if hatched else None,
            linewidth=0.6,
            zorder=2,
        )
        label = self._words.of("values", segment.word)
        if self.fits(label, first, last):
            paint = {"bbox": {"facecolor": "white", "lw": 0, "pad": 0.8}} if hatched else {}
            axes.text(
                (first + last) / 2, 0.49, label, ha="center", va="center",
                color="white" if dark else INK, zorder=3, **paint,
            )  # fmt: skip


class _Numbers(_Drawer):
    """A number over time, with the limit from which the inlet counts as live."""

    def __init__(self, timeline: Timeline, lane: Lane, words: Words) -> None:
        super().__init__(timeline)
        self.title = words.of("signals", lane.signal)
        self._points = lane.points

    def __call__(self, axes: Axes) -> None:
        super().__call__(axes)
        known = [value for _, value in self._points if value is not None]
        highest = max([*known, SAFE_INLET_VOLTAGE * 1.6])
        axes.set_ylim(-0.06 * highest, 1.25 * highest)
        axes.axhline(SAFE_INLET_VOLTAGE, color=INK, lw=0.6, ls=(0, (4, 3)))
        at = [at_s for at_s, _ in self._points]
        volts = [float("nan") if value is None else value for _, value in self._points]
        axes.step(at, volts, where="post", color=ACCENT, lw=1.3)
        self._label(axes, SAFE_INLET_VOLTAGE)
        if known and max(known) > 2 * SAFE_INLET_VOLTAGE:
            axes.axhline(max(known), color=FAINT, lw=0.4, ls=(0, (1, 3)))
            self._label(axes, max(known))

    def _label(self, axes: Axes, volts: float) -> None:
        """Write a voltage on its line, out of the way of the curve's beginning."""
        axes.annotate(
            f"{volts:.0f} V",
            (1, volts),
            xycoords=("axes fraction", "data"),
            xytext=(-3, 1.5),
            textcoords="offset points",
            ha="right",
            va="bottom",
            size=6.5,
            color=INK,
        )


def _ruler(axes: Axes, words: Words) -> None:
    """Write the time under the lowest strip."""
    from matplotlib.ticker import MaxNLocator

    axes.spines["bottom"].set_visible(True)
    axes.spines["bottom"].set_color(FAINT)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 3, 5, 6, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: _minutes(value))
    axes.tick_params(axis="x", length=2.5, width=0.6, labelsize=7, color=FAINT, labelcolor=INK)
    axes.set_xlabel(words("time_axis"), size=7, color=INK, labelpad=2)


def _minutes(seconds: float) -> str:
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{sign}{hours}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{sign}{rest // 60}:{rest % 60:02d}"
