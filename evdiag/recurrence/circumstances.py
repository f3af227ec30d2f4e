"""Does the lock work worse in the cold, with a weak 12 V supply, at one kind of charger?

Two groups of days are compared by regression (`effects`), two groups of tries by exact counts
(Fisher), with what changed over time held constant. The border between two groups is chosen by
how many days lie on each side, never by what the lock did there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evdiag.recurrence.days import Days, Numbers
from evdiag.recurrence.effects import Effect, effect
from evdiag.recurrence.rates import Rate, Trial, chance_of_rates, rate

By: TypeAlias = Literal["cold", "supply", "charger"]

MIN_DAYS_A_GROUP: Final = 10
"""With fewer days in a group no difference of it reaches the level that is kept."""
MIN_TRIES_A_GROUP: Final = 20
"""For a rate of failures; five in a hundred of fewer are not one."""
MIN_FAILURES_APART: Final = 5
"""Fewer failures fall on one side by chance."""
COLD: Final = (5.0, 10.0, 0.0)
"""°C, the first of which has enough on both sides is taken."""
WEAK: Final = (12.0, 12.4, 12.8)
"""Volt, likewise: resting, half full, full."""


@dataclass(frozen=True, slots=True)
class TimesApart:
    """Times of the group in question against the rest; seconds and counts of attempts."""

    limit: float
    effect: Effect
    group_s: float
    rest_s: float
    attempts: tuple[int, int]


@dataclass(frozen=True, slots=True)
class RatesApart:
    """Rates of failures of the group in question and of the rest."""

    p: float
    limit: float
    group: Rate
    rest: Rate


def times_apart(days: Days, by: By, others: Numbers) -> TimesApart | None:
    """Compare the times of two groups of days; None where there are too few of one.

    `others` are columns of what is held constant, the first of which is all ones.
    """
    split = _split_days(days, by)
    if split is None:
        return None
    known, group, limit = split
    kept = days.where(known)
    found = effect(kept.log_s, group.astype(float), others[known])
    if found is None:
        return None
    rest_s = math.exp(float(np.median(kept.log_s[~group])))
    attempts = (int(kept.count[group].sum()), int(kept.count[~group].sum()))
    return TimesApart(limit, found, rest_s * math.exp(found.shift), rest_s, attempts)


def rates_apart(tried: Sequence[Trial], by: By, borders: Sequence[float]) -> RatesApart | None:
    """Compare the rates of failures of two groups of tries; None where there are too few.

    Only tries between the same two of `borders` (days on which the rate changed) are compared.
    """
    split = _split_tries(tried, by)
    if split is None:
        return None
    known, group, limit = split
    kept = [trial for trial, is_known in zip(tried, known, strict=True) if is_known]
    failed = np.array([trial.failed for trial in kept])
    if min(failed.sum(), (~failed).sum()) < MIN_FAILURES_APART:
        return None
    day = np.array([trial.day for trial in kept])
    ours = rate(failed[group].tolist(), day[group].tolist())
    rest = rate(failed[~group].tolist(), day[~group].tolist())
    part = np.searchsorted(sorted(borders), day, side="right")
    return RatesApart(chance_of_rates(failed, group, part, day), limit, ours, rest)


_Split: TypeAlias = tuple[NDArray[np.bool_], NDArray[np.bool_], float]
"""Whose group is known; of those, who is in the group in question; the border."""


def _split_days(days: Days, by: By) -> _Split | None:
    if by == "charger":
        return _split_words(days.charger, MIN_DAYS_A_GROUP)
    if by == "cold":
        return _split_numbers(days.temperature, COLD, MIN_DAYS_A_GROUP)
    return _split_numbers(days.supply, WEAK, MIN_DAYS_A_GROUP)


def _split_tries(tried: Sequence[Trial], by: By) -> _Split | None:
    around = [trial.circumstances for trial in tried]
    if by == "charger":
        return _split_words([each.charger for each in around], MIN_TRIES_A_GROUP)
    values = [each.ambient_temperature if by == "cold" else each.supply_voltage for each in around]
    column = np.array([math.nan if value is None else value for value in values])
    return _split_numbers(column, COLD if by == "cold" else WEAK, MIN_TRIES_A_GROUP)


def _split_numbers(values: Numbers, limits: Sequence[float], least: int) -> _Split | None:
    known = np.isfinite(values)
    for limit in limits:
        group = values[known] < limit
        if group.sum() >= least and (~group).sum() >= least:
            return known, group, limit
    return None


def _split_words(words: Sequence[str | None], least: int) -> _Split | None:
    known = np.array([word is not None for word in words], dtype=bool)
    group = np.array([word == "dc" for word in words if word is not None], dtype=bool)
    enough = group.sum() >= least and (~group).sum() >= least
    return (known, group, math.nan) if enough else None
