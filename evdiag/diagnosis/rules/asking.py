"""Was the car asked, and did it let itself be unlocked? F2 and F3."""

from __future__ import annotations

from evdiag.diagnosis.case import Case, evidence_of
from evdiag.diagnosis.finding import Finding
from evdiag.port.attempt import NANOSECONDS, Attempt, Evidence

KEY_BELONGS_NS = 30 * NANOSECONDS
"""A key that is heard this long before the door opens the lock was heard for it."""


def vehicle_locked(case: Case) -> Finding | None:
    """F2: the lock was asked to open, the car stayed locked and told its actuator nothing."""
    ignored = [
        attempt
        for attempt in case.ended("no_response")
        if not case.commanded(attempt) and _stayed_locked(case, attempt)
    ]
    if not ignored:
        return None
    return case.finding(
        "vehicle_locked",
        "likely",
        "An unlock was asked for and the car stayed locked: it never told its lock to open.",
        (
            *evidence_of(ignored),
            *(Evidence(case.end_of(a), "the car is still locked") for a in ignored),
        ),
        (
            Evidence(case.end_of(a), "the car was unlocked, and the lock stayed shut")
            for a in case.stuck()
            if case.at_end(a, "vehicle.lock") == "unlocked"
        ),
    )


def _stayed_locked(case: Case, attempt: Attempt) -> bool:
    if case.at_end(attempt, "vehicle.lock") != "locked":
        return False
    changes = case.memory.changes("vehicle.lock")
    return not any(attempt.opened_ns <= seen.time_ns <= case.end_of(attempt) for seen in changes)


def fob_not_heard(case: Case) -> Finding | None:
    """F3: the driver's door opened the lock, and no key was heard."""
    by_door = [a for a in case.attempts if a.request == "door" and a.released_ns is not None]
    if not by_door or not case.offers("vehicle.key_heard"):
        return None
    if any(_key_heard_for(case, attempt) for attempt in by_door):
        return None
    never = case.readings["vehicle.key_heard"].known == "no"
    return case.finding(
        "fob_not_heard",
        "likely" if never else "possible",
        "The car heard no key, and the driver's door opened the lock: the fob is not heard.",
        evidence_of(by_door),
        _heard_otherwise(case),
    )


def _key_heard_for(case: Case, attempt: Attempt) -> bool:
    if not case.memory.covers(attempt):
        return case.readings["vehicle.key_heard"].known == "yes"
    heard = case.memory.at("vehicle.key_heard", attempt.opened_ns) == "yes"
    from_ns, to_ns = attempt.opened_ns - KEY_BELONGS_NS, case.end_of(attempt)
    return heard or (case.memory.became("vehicle.key_heard", "yes", from_ns, to_ns) is not None)


def _heard_otherwise(case: Case) -> list[Evidence]:
    heard = (seen for seen in case.memory.changes("vehicle.key_heard") if seen.value == "yes")
    return [Evidence(seen.time_ns, "the car heard a key") for seen in heard]
