"""Did a repair help: the time before it against the time after it.

"Did not help" is said only where the numbers rule out that it helped; where they can tell neither,
that is said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Literal, TypeAlias

import numpy as np

from evdiag.recurrence.days import DAY_NS, Days
from evdiag.recurrence.effects import Effect, effect, in_weather, without_weather
from evdiag.recurrence.history import Repair
from evdiag.recurrence.over_time import Steps, change_over_time
from evdiag.recurrence.rates import (
    MOMENTS,
    Rate,
    Trial,
    chance_of_rates,
    rate,
    rate_change,
    weather_bands,
)

REACH_DAYS: Final = 180.0
"""How far before and after a repair is looked: what lies further off is another time of year."""
MIN_DAYS_A_SIDE: Final = 8
"""Eight days on each side can differ beyond chance at the level that is kept; seven hardly."""
MIN_TRIES_A_SIDE: Final = 20
"""For a rate of failures on each side that means anything."""
BEGAN: Final = 1e-3
"""How unlikely by chance a step before the repair must be to be taken for the fault's beginning."""
NO_HELP: Final = math.log(1 / 1.25)
"""Who takes less than a fifth off the times has not mended a lock that was slow."""
ILL: Final = 0.08
"""A rate of failures before the repair from which on there was something to mend."""

Answer: TypeAlias = Literal["helped", "did_not_help", "too_few", "no_fault_before"]


@dataclass(frozen=True, slots=True)
class TimesAround:
    """Times before and after a repair, in seconds."""

    effect: Effect
    before_s: float
    after_s: float
    attempts: tuple[int, int]


@dataclass(frozen=True, slots=True)
class RatesAround:
    """Rates of failures before and after a repair."""

    p: float
    before: Rate
    after: Rate


@dataclass(frozen=True, slots=True)
class Around:
    """A repair, and what can be compared around it; None is too few to tell."""

    repair: Repair
    times: TimesAround | None
    rates: RatesAround | None
    days_after: int

    @property
    def day(self) -> float:
        """The day of the repair."""
        return self.repair.time_ns / DAY_NS


def around_repairs(repairs: Sequence[Repair], days: Days, tried: Sequence[Trial]) -> list[Around]:
    """Compare before and after each repair, up to the repair before it and the one after it.

    What was done on one day is one repair: nobody can tell what each part of it did.
    """
    ordered = _by_day(repairs)
    at = [repair.time_ns / DAY_NS for repair in ordered]
    found = []
    for number, repair in enumerate(ordered):
        first = max([at[number] - REACH_DAYS, *at[:number]])
        last = min([at[number] + REACH_DAYS, *at[number + 1 :]])
        slow_from = _slow_from(days.between(first, at[number]), first)
        found.append(
            Around(
                repair,
                _times(days.between(slow_from, last), at[number]),
                _rates([t for t in tried if first <= t.day < last], at[number]),
                len(days.between(at[number], last)),
            )
        )
    return found


def _by_day(repairs: Sequence[Repair]) -> list[Repair]:
    ordered = sorted(repairs, key=lambda repair: repair.time_ns)
    days = groupby(ordered, key=lambda repair: repair.time_ns // DAY_NS)
    found = []
    for _, of_day in days:
        together = list(of_day)
        texts = dict.fromkeys(repair.text for repair in together if repair.text)
        found.append(Repair(together[0].time_ns, ", ".join(texts)))
    return found


def _slow_from(before: Days, first: float) -> float:
    """Return when the state began that the repair found: the last step before it."""
    change = change_over_time(before)
    if change is None or change.p >= BEGAN or not isinstance(change.shape, Steps):
        return first
    return change.shape.at[-1]


def _times(days: Days, at: float) -> TimesAround | None:
    """Compare times before and after a day in the same weather."""
    seen = in_weather(days)
    after = seen.days.day >= at
    if min(after.sum(), (~after).sum()) < MIN_DAYS_A_SIDE:
        return None
    found = effect(seen.days.log_s, after.astype(float), seen.columns)
    if found is None:
        return None
    level = without_weather(seen, after.astype(float)[:, np.newaxis])
    before_s = math.exp(float(np.median(level[~after])))
    attempts = (int(seen.days.count[~after].sum()), int(seen.days.count[after].sum()))
    return TimesAround(found, before_s, before_s * math.exp(found.shift), attempts)


def _rates(tried: Sequence[Trial], at: float) -> RatesAround | None:
    """Compare rates before and after a day: all of before, or since it became worse.

    Where that was is looked for at some moments, and so often is that reckoned with.
    """
    whole = _rates_since(tried, -math.inf, at)
    change = rate_change([trial for trial in tried if trial.day < at])
    recent = None if change is None else _rates_since(tried, change.day, at)
    if whole is None or change is None or recent is None:
        return whole
    if recent.p * MOMENTS >= whole.p or change.before.share >= change.after.share:
        return replace(whole, p=min(1.0, 2 * whole.p))
    return replace(recent, p=min(1.0, 2 * MOMENTS * recent.p))


def _rates_since(tried: Sequence[Trial], first: float, at: float) -> RatesAround | None:
    sides = [
        [trial for trial in tried if first <= trial.day < at],
        [trial for trial in tried if at <= trial.day],
    ]
    if min(map(len, sides)) < MIN_TRIES_A_SIDE:
        return None
    before, after = (rate([t.failed for t in side], [t.day for t in side]) for side in sides)
    both = [trial for side in sides for trial in side]
    failed = np.array([trial.failed for trial in both])
    day = np.array([trial.day for trial in both])
    bands = weather_bands([trial.circumstances for trial in both])
    return RatesAround(chance_of_rates(failed, day >= at, bands, day), before, after)
