"""Does the actuator do as it is told? F4, F5, F10, F12 and F14."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from evdiag.diagnosis.case import FREEZING, Case, evidence_of, is_cold
from evdiag.diagnosis.finding import Finding
from evdiag.port.attempt import NANOSECONDS, Attempt, Evidence

STALL_CURRENT = 1.0
"""Ampere: a type 2 lock motor runs at 0.25 A and blocks at up to 2.4 A (HARTING data sheet)."""

RUNNING_CURRENT = 0.1
"""Ampere: with less than this the motor does not run at all; a limit of our own."""

LOW_SUPPLY = 11.8
DIPPED_SUPPLY = 9.6
"""Volt: at rest, and while the actuator runs; limits of our own."""

LOCKS_WITHIN_NS = 4 * NANOSECONDS
"""From the command to the lock reporting shut; a healthy i3 takes up to 3.3 s from plug-in."""

WARM_PORT = 10.0
"""°C: no ice at a port that is as warm as this; a limit of our own."""


def does_not_move(case: Case) -> Finding | None:
    """F4: the lock was asked to open and its position never changed."""
    silent = [
        attempt
        for attempt in case.ended("no_response", "commanded_not_confirmed")
        if not _blocked(attempt) and not is_cold(attempt) and not _kept_shut(case, attempt)
    ]
    if not silent:
        return None
    told = [attempt for attempt in silent if case.commanded(attempt)]
    summary = "An unlock was asked for and the lock never moved."
    if told:
        summary = "The lock was told to open and never moved."
    return case.finding(
        "actuator_does_not_move",
        "certain" if told else "likely",
        summary,
        evidence_of(silent),
        _not_the_actuator(case, silent),
    )


def _kept_shut(case: Case, attempt: Attempt) -> bool:
    """True if the car, still locked or half unlocked, did not even try to open its lock."""
    if case.commanded(attempt) is not False:
        return False
    return case.at_end(attempt, "vehicle.lock") in ("locked", "driver_door_only")


def _not_the_actuator(case: Case, attempts: list[Attempt]) -> Iterator[Evidence]:
    for attempt in attempts:
        if case.commanded(attempt) is False:
            text = "the actuator was never told to open: whoever commands it did not pass it on"
            yield Evidence(case.end_of(attempt), text)
        current = attempt.peak_lock_current
        if current is not None and RUNNING_CURRENT <= current < STALL_CURRENT:
            text = f"its motor ran as it does when it moves ({current:.2f} A): perhaps the sensor"
            yield Evidence(case.end_of(attempt), text)


def stalls(case: Case) -> Finding | None:
    """F5: the motor ran and the pin did not arrive."""
    stalled = [
        attempt
        for attempt in case.stuck()
        if (attempt.outcome == "stalled" or _blocked(attempt)) and not is_cold(attempt)
    ]
    if not stalled:
        return None
    current = max((a.peak_lock_current or 0) for a in stalled)
    drew = f"; its motor drew {current:.1f} A without arriving" if current >= STALL_CURRENT else ""
    return case.finding(
        "actuator_stalls",
        "certain",
        f"The lock was told to open and did not arrive{drew}.",
        evidence_of(stalled),
        (
            Evidence(a.opened_ns, f"the 12 V supply was down to {a.lowest_supply:.1f} V")
            for a in stalled
            if a.lowest_supply is not None and a.lowest_supply < DIPPED_SUPPLY
        ),
    )


def _blocked(attempt: Attempt) -> bool:
    return (attempt.peak_lock_current or 0) >= STALL_CURRENT


def frozen(case: Case) -> Finding | None:
    """F12: the lock was told to move, and did not, in the cold."""
    cold = [a for a in case.stuck() if is_cold(a) and case.commanded(a) is not False]
    failed = [failure for failure in failed_locks(case) if _cold_now(case)]
    if not cold and not failed:
        return None
    ambient = [a.ambient_temperature for a in cold if a.ambient_temperature is not None]
    degrees = min(ambient, default=_ambient(case))
    return case.finding(
        "frozen",
        "likely",
        f"The lock did not move at {degrees:.0f} °C: ice may hold the pin.",
        (*evidence_of(cold), *(failure.evidence for failure in failed)),
        _no_ice(case, cold),
    )


def _no_ice(case: Case, cold: list[Attempt]) -> Iterator[Evidence]:
    port = case.readings["port.temperature"]
    if port.usable and float(port.value) >= WARM_PORT:
        yield Evidence(port.since_ns, f"the port itself is at {float(port.value):.0f} °C")
    first_ns = min((attempt.opened_ns for attempt in cold), default=0)
    for attempt in case.ended("released", "relocked", "left_open"):
        if is_cold(attempt) and attempt.opened_ns < first_ns and case.memory.covers(attempt):
            yield Evidence(attempt.opened_ns, "the lock opened in the same cold before")


def _cold_now(case: Case) -> bool:
    return case.readings["vehicle.ambient_temperature"].usable and _ambient(case) <= FREEZING


def _ambient(case: Case) -> float:
    ambient = case.readings["vehicle.ambient_temperature"]
    return float(ambient.value) if ambient.usable else FREEZING


class FailedLock(NamedTuple):
    """The lock was told to close with a plug in, and did not within its time."""

    evidence: Evidence
    seconds: float


def does_not_lock(case: Case) -> Finding | None:
    """F10: the lock was told to close on a plug, and stayed open."""
    failed = list(failed_locks(case))
    if not failed or _cold_now(case):
        return None
    says_so = case.readings["port.lock_fault"].known == "fault"
    return case.finding(
        "does_not_lock",
        "certain" if says_so or len(failed) > 1 else "likely",
        "The lock was told to close on the plug and stayed open: the car may charge slowly on AC, "
        "and not at all on DC.",
        (failure.evidence for failure in failed),
        (
            Evidence(seen.time_ns, "the lock closed")
            for seen in case.memory.changes("port.lock")
            if seen.value == "locked"
            and not seen.observed
            and seen.time_ns > failed[0].evidence.time_ns
        ),
    )


def failed_locks(case: Case) -> Iterator[FailedLock]:
    """Yield each command to close the lock that it did not obey, while a plug stayed in."""
    if not case.clock_is_time or not case.offers("port.lock", "port.lock_command"):
        return
    for command in case.memory.changes("port.lock_command"):
        due_ns = command.time_ns + LOCKS_WITHIN_NS
        if command.value != "lock" or command.observed or case.now_ns <= due_ns:
            continue
        if not _stayed_open(case, command.time_ns, due_ns):
            continue
        text = f"told to close, and still open after {LOCKS_WITHIN_NS / NANOSECONDS:.0f} s"
        yield FailedLock(Evidence(command.time_ns, text), LOCKS_WITHIN_NS / NANOSECONDS)


def _stayed_open(case: Case, from_ns: int, to_ns: int) -> bool:
    memory = case.memory
    if memory.was_silent(from_ns, to_ns):
        return False
    if memory.at("port.lock", from_ns) != "unlocked" or memory.at("port.lock", to_ns) != "unlocked":
        return False
    if memory.became("port.lock", "locked", from_ns, to_ns) is not None:
        return False
    if memory.became("port.lock_command", "unlock", from_ns, to_ns) is not None:
        return False
    if not case.offers("port.plug"):
        return True
    plugs = (seen for seen in memory.changes("port.plug") if from_ns <= seen.time_ns <= to_ns)
    return memory.at("port.plug", from_ns) == "connected" and not any(plugs)


def supply_low(case: Case) -> Finding | None:
    """F14: the 12 V supply was too low while somebody tried, or is too low to try."""
    weak = [
        a
        for a in case.attempts
        if a.lowest_supply is not None
        and a.lowest_supply < (LOW_SUPPLY if a.released_ns is None else DIPPED_SUPPLY)
    ]
    if not weak:
        return _rests_low(case)
    lowest = min(a.lowest_supply for a in weak if a.lowest_supply is not None)
    return case.finding(
        "supply_low",
        "likely",
        f"The 12 V supply fell to {lowest:.1f} V during the attempt.",
        (Evidence(a.opened_ns, f"supply {a.lowest_supply:.1f} V") for a in weak),
        (
            Evidence(a.released_ns, f"the lock opened with {a.lowest_supply:.1f} V")
            for a in case.attempts
            if a.released_ns is not None
            and a.lowest_supply is not None
            and a.lowest_supply <= lowest
        ),
    )


def _rests_low(case: Case) -> Finding | None:
    supply = case.readings["vehicle.supply_voltage"]
    if not case.locked_in or not supply.usable or float(supply.value) >= LOW_SUPPLY:
        return None
    volts = float(supply.value)
    return case.finding(
        "supply_low",
        "possible",
        f"The 12 V supply is at {volts:.1f} V: too little, perhaps, to move the lock.",
        (Evidence(supply.since_ns, f"supply {volts:.1f} V"),),
    )
