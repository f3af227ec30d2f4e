"""Whether times change over months: slowly, in steps, or not at all.

Both shapes are tried with the weather held constant (`effects`), and the one that fits better is
kept: never both. The slope of a slow change is that of Theil and Sen (SciPy).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from evdiag.recurrence.days import Days, Numbers
from evdiag.recurrence.effects import InWeather, chance, in_weather, without_weather

MIN_DAYS: Final = 20
"""With fewer days the tests cannot speak at the level that is kept, and a slope is anything."""
MIN_SPAN_DAYS: Final = 28.0
"""A month: what is shorter is weather or one bad week."""
MIN_SEGMENT: Final = 8
"""Days on each side of a step: with fewer the level on that side is a guess."""
MIN_WORTH: Final = 2.0
"""Days that a step must be worth once what the weather explains of it is taken away."""
MAX_STEPS: Final = 3
STEP_LEVEL: Final = 1e-5
"""How unlikely a further step must be by itself, so that a slow change is not told as stairs."""
LIKELY: Final = 0.01
"""From here on a shape is reckoned with when other questions are asked, though not yet said."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A slow change: logarithm of seconds at the first and the last day, and a year's change.

    `low` and `high` bound the year's change (95 %).
    """

    first_day: float
    last_day: float
    first_log_s: float
    last_log_s: float
    a_year: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Steps:
    """Levels (logarithm of seconds) and the days on which each but the first begins."""

    at: tuple[float, ...]
    levels: tuple[float, ...]


Shape: TypeAlias = Drift | Steps


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What fits better, and how likely chance alone would fit as well.

    `days` hold the times as they would be in this car's usual weather where `weather_known`.
    """

    p: float
    shape: Shape
    days: Days
    weather_known: bool

    def expected(self, day: Numbers) -> Numbers:
        """Return the shape's logarithm of seconds on days."""
        if isinstance(self.shape, Drift):
            known = [self.shape.first_day, self.shape.last_day]
            return np.interp(day, known, [self.shape.first_log_s, self.shape.last_log_s])
        level = np.searchsorted(self.shape.at, day, side="right")
        return np.asarray(self.shape.levels)[level]

    def columns(self, day: Numbers) -> Numbers:
        """Return the columns that hold this shape constant on days."""
        if isinstance(self.shape, Drift):
            return ((day - self.shape.first_day) / 365.25)[:, np.newaxis]
        return _step_columns(day, self.shape.at)


def change_over_time(days: Days) -> Change | None:
    """Return how times change over the days; None where there are too few to ask."""
    seen = in_weather(days)
    day = seen.days.day
    if len(day) < MIN_DAYS or day[-1] - day[0] < MIN_SPAN_DAYS:
        return None
    years = (day - day[0]) / 365.25
    drift_p = chance(seen.days.log_s, years, seen.columns)
    steps, steps_p = _steps(seen)
    p = min(1.0, 2 * min(drift_p, steps_p))
    drifting = _drifting(p, seen, years)
    if steps:
        stepping = _stepping(p, seen, steps)
        return min(drifting, stepping, key=_misfit)
    return drifting


def _drifting(p: float, seen: InWeather, years: Numbers) -> Change:
    from scipy.stats import theilslopes

    days = seen.days.with_log_s(without_weather(seen, years[:, np.newaxis]))
    line = theilslopes(days.log_s, years)
    start = float(np.median(days.log_s - line.slope * years))
    drift = Drift(
        first_day=float(days.day[0]),
        last_day=float(days.day[-1]),
        first_log_s=start,
        last_log_s=start + float(line.slope * years[-1]),
        a_year=float(line.slope),
        low=float(line.low_slope),
        high=float(line.high_slope),
    )
    return Change(p, drift, days, seen.known)


def _stepping(p: float, seen: InWeather, steps: list[float]) -> Change:
    at = tuple(sorted(steps))
    days = seen.days.with_log_s(without_weather(seen, _step_columns(seen.days.day, at)))
    bounds = [-math.inf, *at, math.inf]
    levels = tuple(
        float(np.median(days.between(first, last).log_s)) for first, last in pairwise(bounds)
    )
    return Change(p, Steps(at, levels), days, seen.known)


def _steps(seen: InWeather) -> tuple[list[float], float]:
    """Return the days of the steps that are likely, at least one, and how likely by chance.

    A fault that came and went is clear only once both its ends are known: the further steps have
    a say, each paying for the places where those before it were looked for.
    """
    day, log_s = seen.days.day, seen.days.log_s
    at, p = _best_step(log_s, day, seen.columns, [])
    if at is None:
        return [], 1.0
    found = [at]
    while len(found) < MAX_STEPS:
        others = np.column_stack((seen.columns, _step_columns(day, found)))
        further, further_p = _best_step(log_s, day, others, found)
        if further is None or further_p >= STEP_LEVEL:
            break
        p = min(p, further_p * _places(len(day)) ** len(found))
        found.append(further)
    return (found if len(found) == 1 else _settled(seen, found)), min(1.0, MAX_STEPS * p)


def _settled(seen: InWeather, found: list[float]) -> list[float]:
    """Place each step anew, the others given: the first was found without them."""
    day = seen.days.day
    for number in range(len(found)):
        rest = [at for other, at in enumerate(found) if other != number]
        others = np.column_stack((seen.columns, _step_columns(day, rest)))
        better, _ = _best_step(seen.days.log_s, day, others, rest)
        found[number] = found[number] if better is None else better
    return found


def _best_step(
    log_s: Numbers, day: Numbers, others: Numbers, known: list[float]
) -> tuple[float | None, float]:
    """Return the day of the clearest further step, and how likely chance gives as clear a one."""
    borders = [0, *(int(np.searchsorted(day, at)) for at in sorted(known)), len(day)]
    cuts = np.array(
        [
            cut
            for first, last in pairwise(borders)
            for cut in range(first + MIN_SEGMENT, last - MIN_SEGMENT + 1)
        ],
        dtype=int,
    )
    if not len(cuts):
        return None, 1.0
    from scipy.stats import rankdata

    basis = np.linalg.qr(others)[0]
    ranks = rankdata(log_s - basis @ (basis.T @ log_s))
    after = (np.arange(len(day))[:, np.newaxis] >= cuts).astype(float)
    left = after - basis @ (basis.T @ after)
    size = np.sqrt(np.sum(left**2, axis=0))
    clear = np.abs(ranks @ left) / np.maximum(size, 1e-9)
    clear[size**2 < MIN_WORTH] = 0.0
    best = int(np.argmax(clear))
    p = _places(len(day)) * chance(log_s, after[:, best], others)
    return float(day[cuts[best]]), min(1.0, p)


def _places(days: int) -> int:
    """Return at how many places a step is looked for; those next to each other are nearly one."""
    return 2 * days // MIN_SEGMENT


def _step_columns(day: Numbers, at: list[float] | tuple[float, ...]) -> Numbers:
    return (day[:, np.newaxis] >= np.asarray(at)).astype(float)


def _misfit(change: Change) -> float:
    """Return how badly a shape fits: absolute deviations, and a fine for each number it needs."""
    shape, days = change.shape, change.days
    numbers = 2 if isinstance(shape, Drift) else 2 * len(shape.at) + 1
    off = float(np.mean(np.abs(days.log_s - change.expected(days.day))))
    return len(days) * math.log(max(off, 1e-6)) + numbers * math.log(len(days))
