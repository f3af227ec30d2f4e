"""Reasons for which a car keeps its plug locked with nothing broken: F1, F15, and two endings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from evdiag.diagnosis.case import Case, evidence_of
from evdiag.diagnosis.finding import Finding
from evdiag.port.attempt import NANOSECONDS, Attempt, Evidence
from evdiag.port.charging import live_reasons

TOOL_LETS_GO_S = 60.0
"""So long after a tool asked last its hold is suspected, where the car's own time is not known."""


def session_active(case: Case) -> Finding | None:
    """F1: an unlock was asked for while the session was alive."""
    alive = case.ended("session_active")
    if not alive:
        return None
    attempt = alive[-1]
    against = []
    if case.at_end(attempt, "charge.active") == "no":
        against.append(Evidence(case.end_of(attempt), "the car says that it does not charge"))
    return case.finding(
        "session_active",
        "certain",
        "The charging session is still active: the lock is held on purpose.",
        attempt.evidence,
        against,
    )


def tool_holds_lock(case: Case) -> Finding | None:
    """F15: on cars known to do so, a diagnostic tool that talks keeps the lock shut."""
    habit = case.profile.habit("tool_holds_lock")
    if habit is None:
        return None
    lets_go_ns = int((habit.seconds or TOOL_LETS_GO_S) * NANOSECONDS)
    held = [
        (attempt, asked_ns)
        for attempt in case.stuck()
        if (asked_ns := _tool_talked(case, attempt, lets_go_ns)) is not None
    ]
    if not held:
        return None
    attempts = [attempt for attempt, _ in held]
    return case.finding(
        "tool_holds_lock",
        "likely",
        "A diagnostic tool was talking to this car, and this car keeps its plug locked until "
        f"{lets_go_ns / NANOSECONDS:.0f} s after the last question ({habit.evidence}): stop "
        "asking, wait, and unlock again.",
        (
            *(Evidence(asked_ns, "a diagnostic tool asks the car") for _, asked_ns in held),
            *evidence_of(attempts),
        ),
        (
            Evidence(attempt.opened_ns, "the car told the lock to open all the same")
            for attempt in attempts
            if case.commanded(attempt)
        ),
    )


def _tool_talked(case: Case, attempt: Attempt, lets_go_ns: int) -> int | None:
    """Return when a tool, ours or another, was seen to talk before or during an attempt."""
    asked_ns = case.memory.asked_ns
    if asked_ns is not None and attempt.opened_ns - lets_go_ns <= asked_ns < case.end_of(attempt):
        return asked_ns
    if not case.memory.covers(attempt):
        return None
    answered = (
        seen.time_ns
        for name in case.readings.offered
        if case.readings.is_polled(name)
        for seen in case.memory.changes(name)
        if attempt.opened_ns - lets_go_ns <= seen.time_ns < case.end_of(attempt)
    )
    return max(answered, default=None)


def mains_lost(case: Case) -> Finding | None:
    """Ending: the charge point is without power, and the car waits for it."""
    if not case.locked_in or case.readings["port.pilot"].value not in ("E", "F"):
        return None
    pilot = case.readings["port.pilot"]
    habit = case.profile.habit("holds_when_mains_lost")
    seconds = None if habit is None else habit.seconds
    waits = (
        ""
        if habit is None
        else " This car keeps the plug locked "
        + ("for a time" if seconds is None else f"for {seconds:.0f} s")
        + f", then lets it go ({habit.evidence})."
    )
    return case.ending(
        "mains_lost",
        f"The charge point sends no pilot ({pilot.value}): it has no mains, or is off.{waits}",
        (Evidence(pilot.since_ns, f"the pilot goes to {pilot.value} with the plug locked in"),),
        ("held-on-purpose", "home-supplier", "unlock-lock-unlock"),
    )


class _Purpose(NamedTuple):
    summary: str
    evidence: Evidence
    next: tuple[str, ...]


def on_purpose(case: Case) -> Finding | None:
    """Ending: the owner's settings, a timer or a habit of the car keep the lock shut."""
    if not case.locked_in or not case.lock_fitted or live_reasons(case.readings):
        return None
    purposes = list(_purposes(case))
    # A car that told its lock to open does not want it shut.
    if not purposes or any(case.commanded(attempt) for attempt in case.stuck()):
        return None
    return case.ending(
        "held_on_purpose",
        "The lock is shut on purpose: " + "; ".join(p.summary for p in purposes) + ".",
        (p.evidence for p in purposes),
        tuple(dict.fromkeys(step for p in purposes for step in p.next)),
    )


def _purposes(case: Case) -> Iterator[_Purpose]:
    unanswered = [
        a for a in case.ended("no_response") if case.memory.covers(a) and not case.commanded(a)
    ]
    if unanswered:
        yield from _half_unlocked(case, unanswered[-1])
        yield from _first_press_after_dc(case, unanswered)
    timer, mode = case.readings["charge.timer"], case.readings["charge.lock_mode"]
    if timer.value == "yes":
        yield _Purpose(
            "the car waits for its charge timer, and the plug with it",
            Evidence(timer.since_ns, "the charge timer is set"),
            ("held-on-purpose", "end-the-session", "unlock-lock-unlock"),
        )
    ended_ns = _session_ended_ns(case)
    nobody_asked = ended_ns is not None and (case.last_asked_ns or ended_ns) <= ended_ns
    if mode.value == "always" and nobody_asked and ended_ns is not None:
        yield _Purpose(
            "the owner's setting keeps it locked after the session, until the car is unlocked",
            Evidence(ended_ns, "the session ends; the lock mode is: always"),
            ("held-on-purpose", "unlock-and-pull"),
        )


def _half_unlocked(case: Case, attempt: Attempt) -> Iterator[_Purpose]:
    if case.at_end(attempt, "vehicle.lock") != "driver_door_only":
        return
    habit = case.profile.habit("needs_all_doors")
    knows = "some cars let" if habit is None else f"this car lets ({habit.evidence})"
    yield _Purpose(
        f"only the driver's door is unlocked; {knows} the plug go when all doors are",
        Evidence(case.end_of(attempt), "only the driver's door is unlocked"),
        ("held-on-purpose", "unlock-lock-unlock"),
    )


def _first_press_after_dc(case: Case, unanswered: list[Attempt]) -> Iterator[_Purpose]:
    habit = case.profile.habit("dc_needs_second_press")
    once = len(unanswered) == 1 and len(unanswered[0].requests) == 1
    if habit is None or not once or case.readings["charge.type"].known != "dc":
        return
    yield _Purpose(
        f"after DC charging this car opens on the second press of unlock ({habit.evidence})",
        Evidence(unanswered[0].opened_ns, "unlock was pressed once"),
        ("held-on-purpose", "unlock-lock-unlock"),
    )


def _session_ended_ns(case: Case) -> int | None:
    """Return when a session was last seen to end with the plug in."""
    ends = []
    for name, alive in (("charge.active", ("yes",)), ("port.pilot", ("C1", "C2", "D1", "D2"))):
        seen = list(case.memory.changes(name))
        ends += [
            later.time_ns
            for earlier, later in pairwise(seen)
            if earlier.value in alive and later.value not in alive and not later.observed
        ]
    return max(ends, default=None)
