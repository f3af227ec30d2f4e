"""Histories of a lock with a known truth: a year of sessions, seeded.

Times are log-normal with heavy tails, quantised as cyclic frames make them; attempts of one session
are alike; people come irregularly, with holidays; temperature has seasons; values are missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from evdiag.recurrence.history import Circumstances, History, Locking, Repair, Unlocking

DAY_NS = 86_400_000_000_000
START_NS = int(np.datetime64("2025-01-06", "ns").astype(int))

Curve = Callable[[float], float]
"""Of days since the beginning."""


def nothing(_day: float) -> float:
    return 0.0


@dataclass(frozen=True)
class Truth:
    """What is true of a made car; effects on times are logarithms of ratios."""

    days: int = 365
    sessions_a_day: float = 1.2
    release_s: float = 0.4
    lock_s: float = 0.6
    spread: float = 0.18
    of_session: float = 0.12
    release: Curve = nothing
    lock: Curve = nothing
    failing: Curve = field(default=lambda _day: 0.03)
    cold: float = 0.0
    """Added to the times, in seconds, below 5 °C."""
    weak: float = 0.0
    """Added to the times, in seconds, below 12 V."""
    dc: float = 0.0
    """Added to the times, in seconds, at DC chargers."""
    grain_s: float = 0.02
    missing: float = 0.1
    starts: float = 0.0
    """Day of the year on which the history begins."""
    repairs: tuple[float, ...] = ()
    neighbours_alike: float = 0.0
    """Correlation of the times from one day to the next."""


def made(seed: int, truth: Truth = Truth(), name: str = "car", model: str = "model") -> History:
    """Make a history."""
    dice = np.random.default_rng(seed)
    unlockings: list[Unlocking] = []
    lockings: list[Locking] = []
    holiday = dice.uniform(0, truth.days)
    mood = 0.0
    for day in range(truth.days):
        wander = truth.neighbours_alike
        mood = wander * mood + math.sqrt(1 - wander**2) * dice.normal(0, truth.of_session)
        if 0 < day - holiday < 16:
            continue
        for _ in range(dice.poisson(truth.sessions_a_day)):
            at = day + dice.uniform(0.25, 0.95)
            own = mood if wander else dice.normal(0, truth.of_session)
            _session(dice, truth, at, own, unlockings, lockings)
    unlockings.sort(key=lambda each: each.time_ns)
    lockings.sort(key=lambda each: each.time_ns)
    repairs = tuple(Repair(START_NS + int(day * DAY_NS), "actuator") for day in truth.repairs)
    return History(name, model, tuple(unlockings), tuple(lockings), repairs)


def _session(
    dice: np.random.Generator,
    truth: Truth,
    at: float,
    own: float,
    unlockings: list[Unlocking],
    lockings: list[Locking],
) -> None:
    session = f"session-{at:.4f}"
    season = -math.cos(2 * math.pi * (at + truth.starts - 15) / 365)
    temperature = 10 + 10 * season + dice.normal(0, 4)
    supply = dice.normal(12.5, 0.4)
    dc = bool(dice.random() < 0.25)
    added = truth.cold * (temperature < 5) + truth.weak * (supply < 12.0) + truth.dc * dc

    def seconds(usual_s: float, effect: float) -> float:
        heavy = dice.standard_t(4) / math.sqrt(2)
        exact = usual_s * math.exp(effect + own + truth.spread * heavy) + added
        return max(round(exact / truth.grain_s), 1) * truth.grain_s

    def around() -> Circumstances:
        return Circumstances(
            None if dice.random() < truth.missing else round(temperature, 1),
            None if dice.random() < truth.missing else round(supply, 2),
            None if dice.random() < truth.missing else ("dc" if dc else "ac"),
        )

    moment = START_NS + int(at * DAY_NS)
    shut = seconds(truth.lock_s, truth.lock(at))
    fails_to_lock = dice.random() < 0.01
    lockings.append(
        Locking(moment - 3_600_000_000_000, session, None if fails_to_lock else shut, around())
    )
    if dice.random() < 0.08:
        unlockings.append(Unlocking(moment - 60_000_000_000, session, "session_active"))
    for attempt in range(6):
        tried = moment + attempt * int(dice.uniform(15, 90) * 1e9)
        if dice.random() < truth.failing(at):
            outcome = "no_response" if dice.random() < 0.7 else "stalled"
            unlockings.append(Unlocking(tried, session, outcome, None, around()))
            continue
        relocked = dice.random() < 0.03
        took = None if dice.random() < truth.missing / 2 else seconds(
            truth.release_s, truth.release(at)
        )  # fmt: skip
        outcome = "relocked" if relocked else "released"
        unlockings.append(Unlocking(tried, session, outcome, took, around()))
        if not relocked:
            break


def year(total_log: float) -> Curve:
    """A slow change by `total_log` over a year."""
    return lambda day: total_log * day / 365


def step(at_day: float, log_ratio: float, until: float = math.inf) -> Curve:
    """A step, which may end."""
    return lambda day: log_ratio if at_day <= day < until else 0.0


def rising(at_day: float, before: float, after: float, until: float = math.inf) -> Curve:
    """A rate that steps."""
    return lambda day: after if at_day <= day < until else before
