"""The rules, in one visible list, in the order in which an assistant would test.

A rule names the signals it would like to see. Each one that the car does not offer lowers its
confidence by a step and is listed as missing: less evidence never says more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evdiag.diagnosis.finding import CONFIDENCE, Confidence, Finding, lowered
from evdiag.port.attempt import NANOSECONDS, Attempt, Evidence
from evdiag.port.readings import Readings
from evdiag.vehicles.profile import Profile
from evdiag.vocabulary import STALE

STALL_CURRENT = 1.0
"""Ampere: a type 2 lock motor runs at 0.25 A and blocks at up to 2.4 A (HARTING data sheet)."""

FREEZING = 4.0
"""°C: from here down ice on the pin is an explanation; at about this temperature a Tesla's port
goes into its cold weather mode (teslamate issue 1060)."""

LOW_SUPPLY = 11.8
DIPPED_SUPPLY = 9.6
"""Volt: at rest, and while the actuator runs; limits of our own."""

HELD_NS = 5 * NANOSECONDS
"""A plug that stays this long in an open lock while somebody works at it is held."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule may look at."""

    profile: Profile
    readings: Readings
    attempts: tuple[Attempt, ...]
    lock_fitted: bool

    def finding(
        self,
        fault: str,
        confidence: Confidence,
        summary: str,
        evidence: Iterable[Evidence],
        next_steps: tuple[str, ...],
        wanted: tuple[str, ...] = (),
    ) -> Finding:
        """Make a finding, weakened by every wanted signal that the car does not offer."""
        missing = tuple(name for name in wanted if name not in self.readings.offered)
        return Finding(
            fault,
            lowered(confidence, len(missing)),
            summary,
            tuple(evidence),
            next_steps,
            missing,
        )


def findings(
    profile: Profile,
    readings: Readings,
    attempts: tuple[Attempt, ...],
    *,
    lock_fitted: bool,
) -> list[Finding]:
    """Return what is wrong, best supported first; always at least one finding."""
    case = Case(profile, readings, attempts, lock_fitted)
    found = [finding for rule in RULES if (finding := rule(case)) is not None]
    if not found:
        return [_nothing(case)]
    return sorted(found, key=lambda finding: CONFIDENCE.index(finding.confidence or "possible"))


def _session_active(case: Case) -> Finding | None:
    attempt = _last(case, "session_active")
    if attempt is None:
        return None
    return case.finding(
        "session_active",
        "certain",
        "The charging session is still active: the lock is held on purpose.",
        attempt.evidence,
        ("end the session at the charger, in the app or in the car", "wait for the lock to open"),
        ("port.pilot", "port.lock"),
    )


def _relocks(case: Case) -> Finding | None:
    relocked = [a for a in case.attempts if a.outcome == "relocked" and a.relock_cause != "person"]
    if not relocked:
        return None
    times = [a.relocked_after_s for a in relocked if a.relocked_after_s is not None]
    after = f" {min(times):.1f} s after it opened" if times else ""
    return case.finding(
        "relocks_before_pull",
        "certain",
        f"The lock opened and closed again by itself{after}, before the plug was pulled.",
        (line for attempt in relocked for line in attempt.evidence),
        ("stand at the port, unlock, and pull at once",),
        ("port.plug", "vehicle.lock"),
    )


def _actuator_stalls(case: Case) -> Finding | None:
    stalled = [
        a
        for a in case.attempts
        if a.outcome == "stalled"
        or (a.outcome == "no_response" and (a.peak_lock_current or 0) >= STALL_CURRENT)
    ]
    if not stalled or _is_cold(stalled):
        return None
    current = max((a.peak_lock_current or 0) for a in stalled)
    drew = f"; its motor drew {current:.1f} A without arriving" if current >= STALL_CURRENT else ""
    return case.finding(
        "actuator_stalls",
        "certain",
        f"The lock was told to open and did not arrive{drew}.",
        (line for attempt in stalled for line in attempt.evidence),
        ("push the plug in and take its weight off while unlocking", "wait between attempts"),
        ("port.lock_current", "port.lock_command"),
    )


def _frozen(case: Case) -> Finding | None:
    stuck = [a for a in case.attempts if a.outcome in ("stalled", "no_response")]
    if not _is_cold(stuck):
        return None
    ambient = min(a.ambient_temperature for a in stuck if a.ambient_temperature is not None)
    return case.finding(
        "frozen",
        "likely",
        f"The lock did not move at {ambient:.0f} °C: ice may hold the pin.",
        (line for attempt in stuck for line in attempt.evidence),
        ("warm the port (heater, hair dryer on low, warm garage); no hot water, no spray",),
        ("port.lock_command",),
    )


def _does_not_move(case: Case) -> Finding | None:
    silent = [
        a
        for a in case.attempts
        if a.outcome in ("no_response", "commanded_not_confirmed")
        and (a.peak_lock_current or 0) < STALL_CURRENT
    ]
    if not silent or _is_cold(silent):
        return None
    return case.finding(
        "actuator_does_not_move",
        "likely",
        "An unlock was asked for and the lock never moved.",
        (line for attempt in silent for line in attempt.evidence),
        ("push the plug in, unlock again", "check the 12 V supply", "manual release, session over"),
        ("port.lock_command",),
    )


def _module_silent(case: Case) -> Finding | None:
    lock = case.readings["port.lock"]
    if lock.value != STALE or case.readings.asleep_since_ns is not None:
        return None
    if case.readings.is_polled("port.lock"):
        # It speaks when it is asked: perhaps nobody asks any more.
        return None
    return case.finding(
        "module_silent",
        "certain",
        "The module that reports the lock has stopped talking while the bus is awake: "
        f"the lock's position is not known (last seen {lock.known}).",
        (Evidence(lock.since_ns, "no lock frame within its time"),),
        ("check the module's fuse and supply", "read the trouble codes of its neighbours"),
    )


def _mechanically_held(case: Case) -> Finding | None:
    held = [a for a in case.attempts if _stayed_in(a)]
    if not held or case.readings["port.plug"].known == "disconnected":
        return None
    pressed = any(a.button_pressed for a in held)
    return case.finding(
        "mechanically_held",
        "likely" if pressed and len(held) > 1 else "possible",
        "The lock reports open and the plug stays in: something else holds it.",
        (line for attempt in held for line in attempt.evidence),
        ("press the handle button fully, push in, pull straight", "look at the other end"),
        ("port.latch_button", "port.plug"),
    )


def _opened_by_itself(case: Case) -> Finding | None:
    opened = [a for a in case.attempts if a.outcome == "unexplained_open"]
    if not opened:
        return None
    verdict = case.readings["port.lock_fault"].known == "fault"
    return case.finding(
        "manual_release_used" if verdict else "opened_unasked",
        "likely" if verdict else "possible",
        "The lock opened without a request and without a command: the manual release, or the car "
        "by itself. The person knows which.",
        (line for attempt in opened for line in attempt.evidence),
        ("reset the release handle, close the flap, let the car sleep, then test a plug-in",),
        ("port.lock_command", "port.unlock_request"),
    )


def _car_says_fault(case: Case) -> Finding | None:
    verdict, lock = case.readings["port.lock_fault"], case.readings["port.lock"]
    opened_unasked = any(a.outcome == "unexplained_open" for a in case.attempts)
    if opened_unasked or "fault" not in (verdict.value, lock.value):
        return None
    says = verdict if verdict.value == "fault" else lock
    return case.finding(
        "lock_fault_reported",
        "likely",
        "The car itself reports a fault of the port's lock: it will not lock, or does not know "
        "where its pin is.",
        (Evidence(says.since_ns, "the car reports a lock fault"),),
        ("push the plug fully in, clear debris", "read the trouble codes"),
    )


def _position_implausible(case: Case) -> Finding | None:
    pulled = [a for a in case.attempts if a.outcome == "pulled_while_locked"]
    if not pulled:
        return None
    return case.finding(
        "position_implausible",
        "likely",
        "The plug left while the lock reported locked: do not believe the lock's sensor.",
        (line for attempt in pulled for line in attempt.evidence),
        ("workshop: lock position sensor and pin",),
        ("port.plug",),
    )


def _fob_not_heard(case: Case) -> Finding | None:
    by_door = [a for a in case.attempts if a.request == "door" and a.released_ns is not None]
    heard = case.readings["vehicle.key_heard"]
    if not by_door or heard.known == "yes" or "vehicle.key_heard" not in case.readings.offered:
        return None
    return case.finding(
        "fob_not_heard",
        "likely" if heard.known == "no" else "possible",
        "The car heard no key, and the driver's door opened the lock: the fob is not heard.",
        (line for attempt in by_door for line in attempt.evidence),
        ("replace the fob's battery", "hold the key at the port", "try the spare key"),
        ("vehicle.lock_source",),
    )


def _supply_low(case: Case) -> Finding | None:
    weak = [
        a
        for a in case.attempts
        if a.lowest_supply is not None
        and a.lowest_supply < (LOW_SUPPLY if a.released_ns is None else DIPPED_SUPPLY)
    ]
    if not weak:
        return None
    lowest = min(a.lowest_supply for a in weak if a.lowest_supply is not None)
    return case.finding(
        "supply_low",
        "likely",
        f"The 12 V supply fell to {lowest:.1f} V during the attempt.",
        (Evidence(a.opened_ns, f"supply {a.lowest_supply:.1f} V") for a in weak),
        ("charge or support the 12 V battery, then unlock again",),
    )


RULES: tuple[Callable[[Case], Finding | None], ...] = (
    _session_active,
    _fob_not_heard,
    _does_not_move,
    _actuator_stalls,
    _relocks,
    _mechanically_held,
    _position_implausible,
    _opened_by_itself,
    _car_says_fault,
    _module_silent,
    _frozen,
    _supply_low,
)

_WANTED = (
    "port.lock",
    "port.plug",
    "port.lock_command",
    "port.pilot",
    "port.unlock_request",
    "vehicle.lock",
)


def _nothing(case: Case) -> Finding:
    missing = tuple(name for name in _WANTED if name not in case.readings.offered)
    if not case.lock_fitted:
        return Finding(None, None, "This car's inlet has no lock to judge.", missing=missing)
    return Finding(None, None, "Nothing wrong was found in what the bus shows.", missing=missing)


def _last(case: Case, outcome: str) -> Attempt | None:
    return next((a for a in reversed(case.attempts) if a.outcome == outcome), None)


def _is_cold(attempts: list[Attempt]) -> bool:
    return any(
        a.ambient_temperature is not None and a.ambient_temperature <= FREEZING for a in attempts
    )


def _stayed_in(attempt: Attempt) -> bool:
    if attempt.pulled_ns is not None or attempt.closed_ns is None:
        return False
    if attempt.outcome == "relocked" and attempt.relock_cause == "person":
        return (attempt.relocked_after_s or 0) * NANOSECONDS >= HELD_NS
    if attempt.outcome == "already_open":
        return attempt.closed_ns - attempt.opened_ns >= HELD_NS
    if attempt.outcome not in ("left_open", "inconclusive") or attempt.released_ns is None:
        return False
    return attempt.closed_ns - attempt.released_ns >= HELD_NS
