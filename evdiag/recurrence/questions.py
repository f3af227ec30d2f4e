"""The questions that are asked of one car's history, each with its own chance of error.

Every question is asked, whether or not its answer is wanted: `trend` says what of it holds against
all that was asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, get_args

import numpy as np

from evdiag.recurrence.circumstances import By, TimesApart, rates_apart, times_apart
from evdiag.recurrence.days import Numbers, daily, lock_samples, release_samples
from evdiag.recurrence.effects import in_weather
from evdiag.recurrence.history import History
from evdiag.recurrence.over_time import LIKELY, Change, change_over_time
from evdiag.recurrence.population import (
    Standing,
    rate_among_others,
    standing,
    time_among_others,
)
from evdiag.recurrence.rates import RateChange, Trial, lock_trials, rate_change, trials
from evdiag.recurrence.repair_saying import rates_matter, times_matter
from evdiag.recurrence.repairs import Around, around_repairs
from evdiag.recurrence.saying import (
    What,
    rate_weight,
    said_of_change,
    said_of_model_rate,
    said_of_model_time,
    said_of_rate_change,
    said_of_rates_apart,
    said_of_times_apart,
)
from evdiag.recurrence.sentence import Kind, Sentence

SPLITS: Final = 1e-3
"""How unlikely a repair's improvement must be for the times before and after to be looked at
apart."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the history between two repairs that helped, and what changed within it."""

    first: float
    last: float
    release: Change | None
    lock: Change | None
    failures: RateChange | None
    lock_failures: RateChange | None

    @property
    def ended_by(self) -> float | None:
        """The day of the repair that ended it; None where it lasts."""
        return None if math.isinf(self.last) else self.last


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its own p, and what is to be said if it holds."""

    p: float
    sentences: tuple[Sentence, ...]


class Readings:
    """The columns that the questions are asked of."""

    def __init__(self, history: History) -> None:
        released = release_samples(history.unlockings)
        self.release = daily(released)
        self.by_charger = daily(released, by_charger=True)
        self.lock = daily(lock_samples(history.lockings))
        self.tries = trials(history.unlockings)
        self.lockings = lock_trials(history.lockings)
        self.repairs = around_repairs(history.repairs, self.release, self.tries)
        self.pieces = list(_pieces(self))


def _pieces(readings: Readings) -> Iterator[Piece]:
    """Yield the parts between repairs that seem to have helped."""
    borders = [-math.inf, *(a.day for a in readings.repairs if _seems_to_help(a)), math.inf]
    for first, last in pairwise(borders):
        yield Piece(
            first,
            last,
            change_over_time(readings.release.between(first, last)),
            change_over_time(readings.lock.between(first, last)),
            rate_change(_between(readings.tries, first, last)),
            rate_change(_between(readings.lockings, first, last)),
        )


def _seems_to_help(around: Around) -> bool:
    times, rates = around.times, around.rates
    if times is not None and times.effect.p < SPLITS and times.effect.shift < 0:
        return times_matter(around)
    if rates is None or rates.p >= SPLITS:
        return False
    return rate_weight(rates.before, rates.after) < 0 and rates_matter(around)


def _between(tried: Sequence[Trial], first: float, last: float) -> list[Trial]:
    return [trial for trial in tried if first <= trial.day < last]


def questions(
    history: History, readings: Readings, others: Sequence[Standing]
) -> Iterator[tuple[str, Asked]]:
    for number, piece in enumerate(readings.pieces):
        yield from _over_time(number, piece)
    yield from _in_circumstances(readings)
    for number, each in enumerate(readings.repairs):
        if each.times is not None:
            yield f"repair {number} times", Asked(each.times.effect.p, ())
        if each.rates is not None:
            yield f"repair {number} rates", Asked(each.rates.p, ())
    yield from _among_others(history, others)


def _over_time(number: int, piece: Piece) -> Iterator[tuple[str, Asked]]:
    whats: tuple[tuple[What, Change | None], ...] = (
        ("release", piece.release),
        ("lock", piece.lock),
    )
    for what, change in whats:
        if change is not None:
            said = said_of_change(what, change, piece.ended_by)
            yield f"{what} {number}", Asked(change.p, tuple(said))
    kinds: tuple[tuple[Kind, RateChange | None], ...] = (
        ("failures_change", piece.failures),
        ("lock_failures_change", piece.lock_failures),
    )
    for kind, found in kinds:
        if found is not None:
            sentence = said_of_rate_change(kind, found, piece.ended_by)
            yield f"{kind} {number}", Asked(found.p, _if_any(sentence))


def _in_circumstances(readings: Readings) -> Iterator[tuple[str, Asked]]:
    borders = [piece.last for piece in readings.pieces[:-1]]
    borders += [
        piece.failures.day
        for piece in readings.pieces
        if piece.failures is not None and piece.failures.p < LIKELY
    ]
    by: By
    for by in get_args(By):
        times = _times_apart(readings, by)
        if times is not None:
            yield f"times {by}", Asked(times.effect.p, _if_any(said_of_times_apart(by, times)))
        rates = rates_apart(readings.tries, by, borders)
        if rates is not None:
            yield f"rates {by}", Asked(rates.p, _if_any(said_of_rates_apart(by, rates)))


def _times_apart(readings: Readings, by: By) -> TimesApart | None:
    if by == "cold":
        days = readings.release
        return times_apart(days, by, _over_time_columns(days.day, readings.pieces))
    seen = in_weather(readings.by_charger if by == "charger" else readings.release)
    over_time = _over_time_columns(seen.days.day, readings.pieces)
    return times_apart(seen.days, by, np.column_stack((seen.columns, over_time[:, 1:])))


def _over_time_columns(day: Numbers, pieces: Sequence[Piece]) -> Numbers:
    """Return columns that hold constant what changed over time; the first is all ones."""
    columns = [np.ones((len(day), 1))]
    for number, piece in enumerate(pieces):
        here = ((day >= piece.first) & (day < piece.last)).astype(float)[:, np.newaxis]
        if number:
            columns.append(here)
        if piece.release is not None and piece.release.p < LIKELY:
            columns.append(here * piece.release.columns(day))
    return np.hstack(columns)


def _among_others(history: History, others: Sequence[Standing]) -> Iterator[tuple[str, Asked]]:
    alike = [o for o in others if o.model == history.model and o.name != history.name]
    if not alike:
        return
    own = standing(history)
    time = time_among_others(own, alike)
    if time is not None:
        yield "model time", Asked(time.p, _if_any(said_of_model_time(history.model, time)))
    rates = rate_among_others(own, alike)
    if rates is not None:
        yield "model rate", Asked(rates.p, _if_any(said_of_model_rate(history.model, rates)))


def _if_any(sentence: Sentence | None) -> tuple[Sentence, ...]:
    return () if sentence is None else (sentence,)
