"""What the car reports of its lock, and whether that can be so: F8, F9, F11 and its own verdict."""

from __future__ import annotations

from evdiag.diagnosis.case import Case, evidence_of
from evdiag.diagnosis.finding import Finding
from evdiag.diagnosis.memory import Seen
from evdiag.port.attempt import NANOSECONDS, Attempt, Evidence
from evdiag.port.plug import CONNECTED_PILOT
from evdiag.vocabulary import STALE

REPORT_LAGS_NS = 1 * NANOSECONDS
"""A lock that reports open this soon after the plug left was open before: it reports in turn."""

TOGGLES = 4
"""So many changes within `TOGGLES_WITHIN_NS` that no command explains; limits of our own."""
TOGGLES_WITHIN_NS = 60 * NANOSECONDS

DRIVEN_NS = 3 * NANOSECONDS
"""A lock that changes this soon after a command was driven."""

STANDS_NS = 2 * NANOSECONDS
"""A fault of less than this may be a pin on its way from one end to the other."""

SILENT_FOR_NS = 5 * NANOSECONDS
"""A module that is silent for less may be the first to sleep; a limit of our own."""

VERDICT_NEAR_NS = 5 * NANOSECONDS
"""A verdict of the car this near to an opening speaks of it."""


def position_implausible(case: Case) -> Finding | None:
    """F8: the plug left while the lock reported locked, or the report changes with nobody at it."""
    pulled = [a for a in case.attempts if pulled_unexplained(case, a)]
    if not pulled:
        return _toggles(case)
    unseen = [a for a in pulled if not _pilot_fell(case, a)]
    return case.finding(
        "position_implausible",
        "certain",
        "The plug left while the lock reported locked: do not believe the lock's sensor.",
        evidence_of(pulled),
        (Evidence(case.end_of(a), "the pilot does not show that it left") for a in unseen)
        if case.knows("port.pilot")
        else (),
    )


def _toggles(case: Case) -> Finding | None:
    if not case.clock_is_time or not case.knows("port.lock_command"):
        return None
    if case.readings.is_polled("port.lock_command"):
        return None
    undriven = [
        seen.time_ns
        for seen in case.memory.changes("port.lock")
        if seen.value in ("locked", "unlocked") and not seen.observed and not _driven(case, seen)
    ]
    for first_ns, last_ns in zip(undriven, undriven[TOGGLES - 1 :], strict=False):
        if last_ns - first_ns <= TOGGLES_WITHIN_NS:
            text = f"the lock's report changed {TOGGLES} times, and nobody drove it"
            return case.finding(
                "position_implausible",
                "likely",
                "The lock reports open and shut by turns, and nobody drives it: do not believe "
                "its sensor.",
                (Evidence(last_ns, text),),
            )
    return None


def _driven(case: Case, seen: Seen) -> bool:
    if case.memory.at("port.lock_command", seen.time_ns) in ("lock", "unlock"):
        return True
    from_ns = seen.time_ns - DRIVEN_NS
    return any(
        case.memory.became("port.lock_command", word, from_ns, seen.time_ns) is not None
        for word in ("lock", "unlock", "idle")
    )


def pulled_unexplained(case: Case, attempt: Attempt) -> bool:
    """Tell whether a plug left a lock that said it was shut, and nothing else explains it."""
    return attempt.outcome == "pulled_while_locked" and not _explained(case, attempt)


def _explained(case: Case, attempt: Attempt) -> bool:
    """True if the plug did not leave, or the lock was only late to say that it is open."""
    if attempt.pulled_ns is None or not case.memory.covers(attempt):
        return False
    late_ns = attempt.pulled_ns + REPORT_LAGS_NS
    if case.clock_is_time and case.now_ns <= late_ns:
        return True  # Not yet told: it may be late.
    still_in = case.memory.at("port.pilot", late_ns) in CONNECTED_PILOT
    opened = case.memory.became("port.lock", "unlocked", attempt.pulled_ns, late_ns)
    return still_in or opened is not None


def _pilot_fell(case: Case, attempt: Attempt) -> bool:
    if attempt.pulled_ns is None or not case.memory.covers(attempt):
        return False
    return case.memory.at("port.pilot", attempt.pulled_ns + REPORT_LAGS_NS) == "A"


def opened_by_itself(case: Case) -> Finding | None:
    """F9: the lock opened without a request and without a command."""
    opened = case.ended("unexplained_open")
    if not opened:
        return None
    verdict = any(_car_notices(case, attempt) for attempt in opened)
    return case.finding(
        "manual_release_used" if verdict else "opened_unasked",
        "likely" if verdict else "possible",
        "The lock opened without a request and without a command: the manual release, or the car "
        "by itself. The person knows which.",
        evidence_of(opened),
    )


def _car_notices(case: Case, attempt: Attempt) -> bool:
    """Tell whether the car's own verdict turned to fault with this opening, not long before."""
    if attempt.released_ns is None or not case.memory.covers(attempt):
        return False
    from_ns, to_ns = attempt.released_ns - VERDICT_NEAR_NS, attempt.released_ns + VERDICT_NEAR_NS
    return case.memory.became("port.lock_fault", "fault", from_ns, to_ns) is not None


def lock_fault(case: Case) -> Finding | None:
    """The car itself says that its lock is at fault."""
    verdict, lock = case.readings["port.lock_fault"], case.readings["port.lock"]
    if "fault" not in (verdict.value, lock.value):
        return None
    says = verdict if verdict.value == "fault" else lock
    if case.clock_is_time and case.now_ns - says.since_ns < STANDS_NS:
        return None
    worked = [
        a for a in case.ended("released", "relocked", "left_open") if a.opened_ns > says.since_ns
    ]
    return case.finding(
        "lock_fault_reported",
        "likely",
        "The car itself reports a fault of the port's lock: it will not lock, or does not know "
        "where its pin is.",
        (Evidence(says.since_ns, "the car reports a lock fault"),),
        (Evidence(a.opened_ns, "the lock opened as it should") for a in worked),
    )


def module_silent(case: Case) -> Finding | None:
    """F11: the lock's message is missing while the bus is awake."""
    lock = case.readings["port.lock"]
    if lock.value != STALE or case.readings.asleep_since_ns is not None:
        return None
    if case.readings.is_polled("port.lock"):
        # It speaks when it is asked: perhaps nobody asks any more.
        return None
    others = [name for name in case.readings.offered if name != "port.lock"]
    if others and not any(case.readings[name].usable for name in others):
        # The adapter was lost, and with it all that was seen through it.
        return None
    lasts = not case.clock_is_time or case.now_ns - lock.since_ns >= SILENT_FOR_NS
    return case.finding(
        "module_silent",
        "certain" if lasts else "possible",
        "The module that reports the lock has stopped talking while the bus is awake: "
        f"the lock's position is not known (last seen {lock.known}).",
        (Evidence(lock.since_ns, "no lock frame within its time"),),
    )


def bus_asleep(case: Case) -> Finding | None:
    """F11: a car that sleeps with the plug locked in hears nobody. No fault, so never likely."""
    since_ns = case.readings.asleep_since_ns
    if since_ns is None or not case.locked_in or not case.readings["port.lock"].usable:
        return None
    return case.finding(
        "bus_asleep",
        "possible",
        "The car's bus is asleep with the plug locked in: what is shown is how it was before, and "
        "whoever is to open the lock may have to wake up first.",
        (Evidence(since_ns, "no frame at all from here on"),),
    )
