"""This car against the others of its model in the book."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evdiag.recurrence.days import Days, daily, release_samples
from evdiag.recurrence.history import History
from evdiag.recurrence.rates import Rate, rate_of_unlocks

MIN_CARS: Final = 6
"""Other cars that are needed: the spread of fewer is not known."""
MIN_DAYS_A_CAR: Final = 10
"""For a median that can be compared."""
MIN_TRIES_A_CAR: Final = 20
"""For a rate of failures that can be compared."""
RECENT_DAYS: Final = 120.0
"""What a car does now is compared, not what it did before it was mended."""
MILD: Final = 5.0
"""°C; colder days are left out: not every car has seen a winter."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What other cars are compared with: how fast a car is now, and how often it fails.

    `log_s` is the median of its recent mild days (logarithm of seconds) with its error, None where
    there are too few of them.
    """

    name: str
    model: str
    log_s: float | None
    error: float
    attempts: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class AmongOthers:
    """Seconds of this car and of the middle one of the others, and how far it lies outside.

    `p` is how likely one more car like the others lies as far out; `ratio` is the logarithm of
    this car's time over theirs, `percentile` the share of the others that are faster.
    """

    p: float
    this_s: float
    others_s: float
    ratio: float
    percentile: float
    cars: int
    attempts: int


@dataclass(frozen=True, slots=True)
class RateAmongOthers:
    """Rates of failures of this car, and of all the others together."""

    p: float
    this: Rate
    others: Rate
    percentile: float
    cars: int


def standing(history: History) -> Standing:
    """Return how a car stands."""
    days = recent_mild(daily(release_samples(history.unlockings)))
    rate = rate_of_unlocks(history.unlockings)
    if len(days) < MIN_DAYS_A_CAR:
        return Standing(history.name, history.model, None, 0.0, days.attempts, rate)
    # Of a median: 1.25 times that of a mean.
    error = 1.2533 * float(np.std(days.log_s, ddof=1)) / math.sqrt(len(days))
    level = float(np.median(days.log_s))
    return Standing(history.name, history.model, level, error, days.attempts, rate)


def time_among_others(own: Standing, others: Sequence[Standing]) -> AmongOthers | None:
    """Compare the time to release with that of other cars; None where there are too few."""
    levels = np.array([other.log_s for other in others if other.log_s is not None])
    if own.log_s is None or len(levels) < MIN_CARS:
        return None
    from scipy.stats import t

    middle = float(np.median(levels))
    # What is not known of this car's own median is a part of the spread.
    spread = math.hypot(float(np.std(levels, ddof=1)) * math.sqrt(1 + 1 / len(levels)), own.error)
    far = abs(own.log_s - float(np.mean(levels))) / spread if spread > 0 else 0.0
    return AmongOthers(
        p=float(2 * t.sf(far, len(levels) - 1)),
        this_s=math.exp(own.log_s),
        others_s=math.exp(middle),
        ratio=own.log_s - middle,
        percentile=float(np.mean(levels < own.log_s)),
        cars=len(levels),
        attempts=own.attempts,
    )


def rate_among_others(own: Standing, others: Sequence[Standing]) -> RateAmongOthers | None:
    """Compare the rate of failures with that of other cars; None where there are too few."""
    theirs = [other.rate for other in others if other.rate.tried >= MIN_TRIES_A_CAR]
    if own.rate.tried < MIN_TRIES_A_CAR or len(theirs) < MIN_CARS:
        return None
    from scipy.stats import betabinom
    from statsmodels.stats.proportion import proportion_confint

    failed, tried = sum(each.failed for each in theirs), sum(each.tried for each in theirs)
    low, high = proportion_confint(failed, tried, method="beta")
    alike, less = _spread_of(theirs)
    least = float(betabinom.cdf(own.rate.failed, own.rate.tried, alike, less))
    most = float(betabinom.sf(own.rate.failed - 1, own.rate.tried, alike, less))
    return RateAmongOthers(
        p=min(1.0, 2 * min(least, most)),
        this=own.rate,
        others=Rate(failed, tried, float(low), float(high)),
        percentile=float(np.mean([each.share < own.rate.share for each in theirs])),
        cars=len(theirs),
    )


def recent_mild(days: Days) -> Days:
    """Return the last months of a car, without its cold days."""
    mild = days.where(~(days.temperature < MILD))
    if not len(mild):
        return mild
    recent = mild.between(mild.day[-1] - RECENT_DAYS, math.inf)
    return recent if len(recent) >= MIN_DAYS_A_CAR else mild


def _spread_of(rates: Sequence[Rate]) -> tuple[float, float]:
    """Return the two numbers of the beta distribution that the cars' rates come from (by moments).

    Cars that differ more give smaller numbers. Half a failure and half a success are added to each.
    """
    failed, tried = sum(r.failed for r in rates) + 0.5, sum(r.tried for r in rates) + 1
    mean = failed / tried
    expected = mean * (1 - mean)
    seen = float(np.var([(r.failed + 0.5) / (r.tried + 1) for r in rates], ddof=1))
    sampling = float(np.mean([expected / (r.tried + 1) for r in rates]))
    between = max(seen - sampling, expected / tried)
    width = max(expected / between - 1, 1.0)
    return mean * width, (1 - mean) * width
