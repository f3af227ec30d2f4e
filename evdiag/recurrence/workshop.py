"""All cars of the book, those that are getting worse first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evdiag.recurrence.days import DAY_NS
from evdiag.recurrence.history import History
from evdiag.recurrence.rates import Rate, rate_of_unlocks
from evdiag.recurrence.sentence import Sentence, Severity
from evdiag.recurrence.series import medians, series_of
from evdiag.recurrence.trend import Trend, trends

RECENT_DAYS: Final = 60
"""What is called now; before is all that lies before it."""
BINS: Final = 12
"""Signs of a sparkline."""


@dataclass(frozen=True, slots=True)
class Row:
    """One car of the list.

    `unlocks` are attempts that say something of the lock; medians are seconds to release, None of
    nothing. `course` holds medians over equal parts of the history. `said` is the weightiest
    sentence, None where there is nothing to say.
    """

    name: str
    model: str
    unlocks: int
    failures: Rate
    before_s: float | None
    now_s: float | None
    course: tuple[float | None, ...]
    said: Sentence | None
    severity: Severity
    getting_worse: float


@dataclass(frozen=True, slots=True)
class Car:
    """One car with all that is known and said of its lock."""

    history: History
    trend: Trend
    row: Row


def workshop(histories: Sequence[History]) -> list[Car]:
    """Return the cars: those that are getting worse first, then those that fail often."""
    rank = {"worse": 0, "neutral": 1, "better": 2}
    cars = [
        Car(history, said, row(history, said))
        for history, said in zip(histories, trends(histories), strict=True)
    ]
    cars.sort(
        key=lambda car: (
            rank[car.row.severity],
            -car.row.getting_worse,
            -car.row.failures.low,
            car.row.name,
        )
    )
    return cars


def row(history: History, said: Trend) -> Row:
    """Return the row of one car."""
    series = series_of(history, said)
    failures = rate_of_unlocks(history.unlockings)
    # A repair may be written down for a day that is still to come, or long after the last unlock.
    tried = [point.time_ns for point in series.points]
    tried += [mark.time_ns for mark in series.failures]
    since = max(tried, default=0) - RECENT_DAYS * DAY_NS
    recent = [point.seconds for point in series.points if point.time_ns >= since]
    earlier = [point.seconds for point in series.points if point.time_ns < since]
    worst = said.sentences[0] if said.sentences else None
    return Row(
        history.name,
        history.model,
        failures.tried,
        failures,
        _median(earlier),
        _median(recent),
        tuple(medians(series.points, series.span_ns, BINS)),
        worst,
        "neutral" if worst is None else worst.severity,
        said.getting_worse,
    )


def _median(seconds: list[float]) -> float | None:
    median = float(np.median(seconds)) if seconds else math.nan
    return median if math.isfinite(median) else None
