"""By how much something lengthens the times, all else being alike. statsmodels does the statistics.

How likely by chance: a regression of the ranks, which a few very long times cannot lead astray.
How much: Huber's robust regression of the logarithms. Both hold the *others* constant: the weather,
what changed over time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evdiag.recurrence.days import Days, Numbers

KNOWN_ON: Final = 0.6
"""The share of days whose temperature must be known to hold the weather constant."""
DAYS_A_BAND: Final = 15
MOST_BANDS: Final = 10
"""Bands of temperature, each with a level of its own: as many as the days allow."""
ALIKE: Final = 1e-9
"""Logarithms that are no further apart are one."""
DISTINCT: Final = 0.02
"""How much of a variable the others must leave: less cannot be told from them."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A shift of the logarithm of times with its bounds (95 %), and how likely it is by chance."""

    p: float
    shift: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class InWeather:
    """Days and the columns that hold their weather constant, the first of which is all ones.

    `known` is false where too few days have a temperature: then it is the season that is held
    constant, for want of better.
    """

    days: Days
    columns: Numbers
    known: bool


def in_weather(days: Days) -> InWeather:
    """Return days with their weather; those without a temperature are left out where most have."""
    known = np.isfinite(days.temperature)
    count = int(known.sum())
    if count < 2 * DAYS_A_BAND or count < KNOWN_ON * len(days):
        return InWeather(days, _season(days.day), False)
    kept = days.where(known)
    bands = min(MOST_BANDS, count // DAYS_A_BAND)
    limits = np.unique(np.quantile(kept.temperature, np.linspace(0, 1, bands + 1)[1:-1]))
    band = np.searchsorted(limits, kept.temperature, side="right")
    levels = [(band == number).astype(float) for number in np.unique(band)[1:]]
    columns = [np.ones(count), kept.temperature - kept.temperature.mean(), *levels]
    return InWeather(kept, _independent(np.column_stack(columns)), True)


def effect(log_s: Numbers, of: Numbers, others: Numbers) -> Effect | None:
    """Return the effect of one column on times, others held constant; None where they hide it."""
    if not distinct(of, others):
        return None
    p = chance(log_s, of, others)
    if np.ptp(_left(log_s, others)) < ALIKE:
        return Effect(p, 0.0, 0.0, 0.0)
    robust = _robust(log_s, np.column_stack((of, others)))
    low, high = robust.conf_int()[0]
    return Effect(p, float(robust.params[0]), float(low), float(high))


def chance(log_s: Numbers, of: Numbers, others: Numbers) -> float:
    """Return how likely the effect of one column is by chance; 1 where the others hide it."""
    left = _left(log_s, others)
    if np.ptp(left) < ALIKE or not distinct(of, others):
        return 1.0
    from scipy.stats import rankdata
    from statsmodels.regression.linear_model import OLS

    fitted = OLS(rankdata(left), np.column_stack((of, others))).fit()
    return _weakened(float(fitted.tvalues[0]), float(fitted.df_resid), fitted.resid)


def without_weather(seen: InWeather, shape: Numbers) -> Numbers:
    """Return times as they would be in this car's usual weather.

    `shape` holds columns of what else changed, so that it is not taken for weather.
    """
    held = seen.columns.shape[1]
    fitted = _robust(seen.days.log_s, np.column_stack((seen.columns, shape)))
    weather = seen.columns @ fitted.params[:held]
    return np.asarray(seen.days.log_s - weather + np.median(weather))


def _robust(log_s: Numbers, columns: Numbers) -> Any:
    """Fit by Huber's weights; where all lies on the line already, by least squares.

    The scale is that of the first residuals: on a coarse clock, where most times are one and the
    same, one that is estimated again and again shrinks to nothing.
    """
    from statsmodels.regression.linear_model import OLS
    from statsmodels.robust.robust_linear_model import RLM

    straight = OLS(log_s, columns).fit()
    if np.median(np.abs(straight.resid)) < ALIKE:
        return straight
    return RLM(log_s, columns).fit(update_scale=False)


def distinct(of: Numbers, others: Numbers) -> bool:
    """Tell whether a column is more than a mixture of the others."""
    left = _left(of, others)
    spread = float(np.sum((of - of.mean()) ** 2))
    return spread > 0 and float(left @ left) > DISTINCT * spread


def _weakened(t_value: float, freedom: float, left: Numbers) -> float:
    """Return the p of a t-value, for fewer days where neighbours are alike (a cold week)."""
    from scipy.stats import t
    from statsmodels.tsa.stattools import acf

    alike = 0.0
    if np.ptp(left) > ALIKE:
        alike = min(max(float(acf(left, nlags=1, fft=False)[1]), 0.0), 0.95)
    worth = math.sqrt((1 - alike) / (1 + alike))
    return float(2 * t.sf(abs(t_value) * worth, freedom))


def _season(day: Numbers) -> Numbers:
    """Return the columns of a year that comes and goes."""
    turn = 2 * np.pi * day / 365.25
    return np.column_stack((np.ones(len(day)), np.cos(turn), np.sin(turn)))


def _left(column: Numbers, others: Numbers) -> Numbers:
    """Return what the others leave of a column."""
    return np.asarray(column - others @ np.linalg.lstsq(others, column, rcond=None)[0])


def _independent(columns: Numbers) -> Numbers:
    """Leave out columns that are mixtures of those before them."""
    kept: list[NDArray[np.float64]] = [columns[:, 0]]
    for column in columns.T[1:]:
        before = np.column_stack(kept)
        left = _left(column, before)
        if float(left @ left) > 1e-6 * float(column @ column):
            kept.append(column)
    return np.column_stack(kept)
