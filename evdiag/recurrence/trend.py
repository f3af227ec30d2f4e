"""What may be said of a car's history.

Holm's correction over all questions that were asked keeps the chance of a single untrue sentence
about a car below `ALPHA`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from evdiag.recurrence.days import lock_samples, release_samples
from evdiag.recurrence.effects import effect, in_weather
from evdiag.recurrence.episodes import episodes
from evdiag.recurrence.history import History
from evdiag.recurrence.over_time import Change
from evdiag.recurrence.population import Standing, standing
from evdiag.recurrence.questions import Asked, Piece, Readings, questions
from evdiag.recurrence.rates import rate_of_unlocks
from evdiag.recurrence.repair_saying import (
    answer_of,
    rates_matter,
    said_of_repair,
    times_matter,
)
from evdiag.recurrence.repairs import MIN_DAYS_A_SIDE, NO_HELP
from evdiag.recurrence.saying import (
    What,
    said_of_rate,
    said_of_retries,
    said_of_time,
    time_matters,
)
from evdiag.recurrence.sentence import Sentence

ALPHA: Final = 1e-4
"""The chance that anything at all is said of a car whose lock never changed: two hundred such cars
give one untrue sentence in fifty readings of the whole list."""


@dataclass(frozen=True, slots=True)
class Trend:
    """What is said of a car: what changed first, then what only describes.

    `changes` are the shapes over time that hold, for the pictures: of the release, of the lock.
    """

    name: str
    model: str
    sentences: tuple[Sentence, ...]
    release_changes: tuple[Change, ...] = ()
    lock_changes: tuple[Change, ...] = ()

    @property
    def claims(self) -> tuple[Sentence, ...]:
        """Those that say that something changed or differs."""
        return tuple(sentence for sentence in self.sentences if sentence.claims)

    @property
    def getting_worse(self) -> float:
        """How much worse the lock has become: logarithms of ratios, summed; below 0 is better."""
        return sum(sentence.weight for sentence in self.sentences)


def trends(histories: Sequence[History]) -> list[Trend]:
    """Say what can be said of each car, compared with the others of its model among them."""
    others = [standing(history) for history in histories]
    return [trend(history, others) for history in histories]


def trend(history: History, others: Sequence[Standing] = ()) -> Trend:
    """Say what can be said of a car's lock; `others` are cars to compare it with, of any model."""
    readings = Readings(history)
    asked = dict(questions(history, readings, others))
    held = held_of(asked)
    found = [sentence for key in held for sentence in _with_p(asked[key], held[key])]
    repairs = [_repair_sentence(n, readings, held) for n in range(len(readings.repairs))]
    described = [*_described(history)]
    said = {key for key in held if asked[key].sentences}
    order = {"worse": 0, "better": 1, "neutral": 2}
    changed = sorted([*found, *repairs], key=lambda s: (order[s.severity], -abs(s.weight)))
    return Trend(
        history.name,
        history.model,
        (*changed, *described),
        _shapes(readings, said, "release"),
        _shapes(readings, said, "lock"),
    )


def held_of(asked: Mapping[str, Asked]) -> dict[str, float]:
    """Return the questions whose answer holds against all that was asked, with their p."""
    # As statsmodels' multipletests has it, which looks through all memory for what can be freed
    # each time: longer, in a list of many cars, than all that was asked.
    held: dict[str, float] = {}
    corrected = 0.0
    for rank, (key, each) in enumerate(sorted(asked.items(), key=lambda pair: pair[1].p)):
        corrected = max(corrected, (len(asked) - rank) * each.p)
        if not corrected <= ALPHA:
            break
        held[key] = corrected
    return {key: held[key] for key in asked if key in held}


def _with_p(asked: Asked, p: float) -> Iterator[Sentence]:
    yield from (replace(sentence, p=p) for sentence in asked.sentences)


def _repair_sentence(number: int, readings: Readings, held: Mapping[str, float]) -> Sentence:
    around = readings.repairs[number]
    time_p = held.get(f"repair {number} times") if times_matter(around) else None
    rate_p = held.get(f"repair {number} rates") if rates_matter(around) else None
    piece = _slow_piece(around.day, readings, held)
    slow_still = piece is not None and _slow_still(around.day, readings, piece)
    answer = answer_of(
        around,
        time_p=time_p,
        rate_p=rate_p,
        slow_before=piece is not None,
        slow_still=slow_still,
    )
    given = [p for p in (time_p, rate_p) if p is not None]
    return said_of_repair(around, answer, min(given) if given else None)


def _slow_piece(day: float, readings: Readings, held: Mapping[str, float]) -> Piece | None:
    """Return the piece up to a day in which the release is known to have become slower."""
    for number, piece in enumerate(readings.pieces):
        if piece.release is None or f"release {number}" not in held:
            continue
        if piece.first < day <= piece.last:
            first = piece.release.days.day[0]
            then, now = piece.release.expected(np.array([first, day - 1.0]))
            slower = bool(now > then) and time_matters(float(then), float(now))
            return piece if slower else None
    return None


def _slow_still(day: float, readings: Readings, piece: Piece) -> bool:
    """Tell whether the numbers rule out that a repair within a piece took the slowness away."""
    if piece.release is None or piece.last <= day:
        return False
    seen = in_weather(readings.release.between(piece.first, piece.last))
    others = np.column_stack((seen.columns, piece.release.columns(seen.days.day)))
    after = (seen.days.day >= day).astype(float)
    found = effect(seen.days.log_s, after, others) if after.sum() >= MIN_DAYS_A_SIDE else None
    return found is not None and found.low > NO_HELP


def _shapes(readings: Readings, said: Collection[str], what: What) -> tuple[Change, ...]:
    changes = (piece.release if what == "release" else piece.lock for piece in readings.pieces)
    return tuple(
        change
        for number, change in enumerate(changes)
        if change is not None and f"{what} {number}" in said
    )


def _described(history: History) -> Iterator[Sentence]:
    released = [sample.seconds for sample in release_samples(history.unlockings)]
    locked = [sample.seconds for sample in lock_samples(history.lockings)]
    for sentence in (
        said_of_rate(rate_of_unlocks(history.unlockings)),
        said_of_time("release", released),
        said_of_time("lock", locked),
        said_of_retries(episodes(history.unlockings)),
    ):
        if sentence is not None:
            yield sentence
