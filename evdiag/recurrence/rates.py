"""How often the lock fails, how sure that is, and since when it fails more or less often."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.recurrence.days import DAY_NS, Numbers
from evdiag.recurrence.episodes import episodes
from evdiag.recurrence.history import Circumstances, Locking, Unlocking
from evdiag.recurrence.outcomes import JUDGED

MIN_TRIES: Final = 30
"""With fewer, a rate of failures cannot be seen to change at the level that is kept."""
MIN_FAILURES: Final = 5
"""Fewer failures lie anywhere by chance."""
MIN_TRIES_A_SIDE: Final = 10
"""Before and after a change, for a rate on each side that means anything."""
MOMENTS: Final = 10
"""At which before and after are compared."""

WEATHER_LIMITS: Final = (0.0, 5.0, 15.0)
"""°C; only what happens in the same weather is compared over time."""


class Trial(NamedTuple):
    """One independent try of the lock: did it fail, when (days since 1970), in what weather."""

    day: float
    failed: bool
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Rate:
    """`failed` of `tried`, with the bounds of the rate (95 %)."""

    failed: int
    tried: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The rate of failures; nan of nothing."""
        return self.failed / self.tried if self.tried else math.nan


@dataclass(frozen=True, slots=True)
class RateChange:
    """The day since which a rate differs most, the rates around it, and how likely by chance."""

    p: float
    day: float
    before: Rate
    after: Rate


def trials(unlockings: Sequence[Unlocking]) -> list[Trial]:
    """Return the first try of each occasion: what follows it is not independent of it."""
    return [
        Trial(e.first.time_ns / DAY_NS, e.failed_at_first, e.first.circumstances)
        for e in episodes(unlockings)
    ]


def lock_trials(lockings: Iterable[Locking]) -> list[Trial]:
    """Return each locking; one that did not report closed in time failed."""
    return [
        Trial(each.time_ns / DAY_NS, each.locked_after_s is None, each.circumstances)
        for each in lockings
    ]


def rate_of_unlocks(unlockings: Sequence[Unlocking]) -> Rate:
    """Return the rate of failures of all attempts, retries counted, with its bounds."""
    judged = [each for each in unlockings if JUDGED[each.outcome] != "neither"]
    failed = [JUDGED[each.outcome] == "failed" for each in judged]
    return rate(failed, [each.time_ns / DAY_NS for each in judged])


def rate(failed: Sequence[bool], days: Sequence[float]) -> Rate:
    """Return a rate with its bounds: Clopper and Pearson's, wider where failures come in heaps."""
    tried, count = len(failed), sum(failed)
    if not tried:
        return Rate(0, 0, 0.0, 1.0)
    from statsmodels.stats.proportion import proportion_confint

    expected = np.full(tried, count / tried)
    heap = heaps(np.asarray(failed), expected, np.asarray(days))
    low, high = proportion_confint(count / heap, tried / heap, method="beta")
    return Rate(count, tried, max(float(low), 0.0), min(float(high), 1.0))


def heaps(failed: NDArray[np.bool_], expected: Numbers, day: Numbers) -> float:
    """Return how much more failures of a day stick together than chance has them; at least 1.

    The variance of the daily sums over that of independent tries (the design effect).
    """
    independent = float(np.sum(expected * (1 - expected)))
    if independent <= 0:
        return 1.0
    _, of_day = np.unique(np.floor(day), return_inverse=True)
    sums = np.bincount(of_day, weights=failed - expected)
    return max(1.0, float(np.sum(sums**2)) / independent)


def rate_change(tried: Sequence[Trial]) -> RateChange | None:
    """Return since when the rate differs; None where there is too little to ask.

    Before and after are compared at some moments, and so often is that reckoned with.
    """
    failed = np.array([trial.failed for trial in tried], dtype=bool)
    if len(tried) < MIN_TRIES or min(failed.sum(), (~failed).sum()) < MIN_FAILURES:
        return None
    day = np.array([trial.day for trial in tried])
    bands = weather_bands([trial.circumstances for trial in tried])
    cuts = np.linspace(MIN_TRIES_A_SIDE, len(tried) - MIN_TRIES_A_SIDE, MOMENTS).astype(int)
    order = np.arange(len(tried))
    chances = [chance_of_rates(failed, order >= cut, bands, day) for cut in cuts]
    best = int(np.argmin(chances))
    near = range(cuts[max(best - 1, 0)], cuts[min(best + 1, len(cuts) - 1)] + 1)
    cut = max(near, key=lambda at: _likelihood(failed[:at]) + _likelihood(failed[at:]))
    return RateChange(
        min(1.0, MOMENTS * chances[best]),
        float(day[cut]),
        rate(failed[:cut].tolist(), day[:cut].tolist()),
        rate(failed[cut:].tolist(), day[cut:].tolist()),
    )


def chance_of_rates(
    failed: NDArray[np.bool_], group: NDArray[np.bool_], part: NDArray[np.int64], day: Numbers
) -> float:
    """Return how likely a group's rate differs so from the rest's by chance.

    By exact counts (Fisher), and within each `part` alone (Cochran, Mantel and Haenszel): the less
    sure of the two. What sticks together on a `day` is not taken for independent.
    """
    from scipy.stats import chi2, fisher_exact

    if not group.any() or group.all():
        return 1.0
    expected = np.where(group, failed[group].mean(), failed[~group].mean())
    heap = heaps(failed, expected, day)
    p = float(fisher_exact(np.floor(_table(failed, group) / heap).astype(int))[1])
    tables = [_table(failed[part == number], group[part == number]) for number in np.unique(part)]
    tables = [table for table in tables if table.sum(axis=0).all() and table.sum(axis=1).all()]
    if len(tables) < 2 or p > 0.1:
        return p
    from statsmodels.stats.contingency_tables import StratifiedTable

    within = StratifiedTable(tables).test_null_odds().statistic
    return max(p, float(chi2.sf(within / heap, 1)))


def _table(failed: NDArray[np.bool_], group: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.array([[np.sum(s & failed), np.sum(s & ~failed)] for s in (group, ~group)])


def _likelihood(failed: NDArray[np.bool_]) -> float:
    """Return the logarithm of how likely tries are, given their own rate."""
    from scipy.special import xlogy

    share = failed.mean()
    return float(len(failed) * (xlogy(share, share) + xlogy(1 - share, 1 - share)))


def weather_bands(around: Sequence[Circumstances]) -> NDArray[np.int64]:
    """Return the band of temperature of each; those that are not known are one of their own."""
    temperatures = np.array(
        [np.nan if c.ambient_temperature is None else c.ambient_temperature for c in around]
    )
    bands = np.searchsorted(WEATHER_LIMITS, temperatures, side="right")
    return np.where(np.isfinite(temperatures), bands, -1)
