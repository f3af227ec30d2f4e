"""One attempt as a card shows it: what was commanded, reported, and how it was at the port then."""

from __future__ import annotations

from dataclasses import dataclass

from evdiag.diagnosis.case import COMMAND_LEADS_NS, Case
from evdiag.port.attempt import NANOSECONDS, Attempt
from evdiag.port.charging import SAFE_INLET_VOLTAGE
from evdiag.vocabulary import Value

_CHARGING_PILOT = ("C1", "C2", "D1", "D2")


@dataclass(frozen=True, slots=True)
class Release:
    """What one attempt showed; None is: not known.

    Words and the inlet's voltage are those of `looked_ns`: when the lock opened, or when the
    attempt closed. `commanded_after_s` counts from the request, `after_cause_s` from the last of
    request, pilot leaving C/D and inlet below 60 V to the lock reporting open.
    """

    attempt: Attempt
    looked_ns: int
    key_heard: bool | None
    vehicle_lock: Value | None
    pilot: Value | None
    inlet_volts: float | None
    commanded: bool | None
    commanded_after_s: float | None
    after_cause_s: float | None
    lock: Value | None
    plug: Value | None

    @property
    def opened(self) -> bool:
        """True where the lock opened, or was open already."""
        return self.attempt.released_ns is not None or self.attempt.outcome == "already_open"


def release_of(case: Case, attempt: Attempt) -> Release:
    """Read an attempt and what surrounds it."""
    covered = case.memory.covers(attempt)
    end_ns = case.end_of(attempt)
    looked_ns = end_ns if attempt.released_ns is None else attempt.released_ns

    def word(name: str, at_ns: int) -> Value | None:
        return case.memory.at(name, at_ns) if covered else None

    volts = word("port.inlet_voltage", looked_ns)
    return Release(
        attempt=attempt,
        looked_ns=looked_ns,
        key_heard=_key_heard(case, attempt),
        vehicle_lock=word("vehicle.lock", end_ns),
        pilot=word("port.pilot", looked_ns),
        inlet_volts=None if volts is None else float(volts),
        commanded=case.commanded(attempt),
        commanded_after_s=_commanded_after_s(case, attempt),
        after_cause_s=_after_cause_s(case, attempt),
        lock=word("port.lock", end_ns),
        plug="disconnected" if attempt.pulled_ns is not None else word("port.plug", end_ns),
    )


def known_good(case: Case) -> Release | None:
    """Return the last attempt that ended as it should, to lay others over; None without one."""
    good = case.ended("released")
    return release_of(case, good[-1]) if good else None


def _key_heard(case: Case, attempt: Attempt) -> bool | None:
    if not case.offers("vehicle.key_heard") or not case.memory.covers(attempt):
        return None
    heard = case.memory.at("vehicle.key_heard", attempt.opened_ns) == "yes"
    later = case.memory.became(
        "vehicle.key_heard", "yes", attempt.opened_ns - COMMAND_LEADS_NS, case.end_of(attempt)
    )
    return heard or later is not None


def _commanded_after_s(case: Case, attempt: Attempt) -> float | None:
    if not attempt.exact or not case.memory.covers(attempt):
        return None
    from_ns = attempt.opened_ns - COMMAND_LEADS_NS
    command = case.memory.became("port.lock_command", "unlock", from_ns, case.end_of(attempt))
    if command is None or command.observed:
        return None
    return (command.time_ns - attempt.opened_ns) / NANOSECONDS


def _after_cause_s(case: Case, attempt: Attempt) -> float | None:
    """Return the time from the last thing that the lock waits for to the lock reporting open."""
    opened_ns, released_ns = attempt.opened_ns, attempt.released_ns
    if released_ns is None or not attempt.requests or attempt.released_after_s is None:
        return None
    causes = [opened_ns]
    for name, alive in (("port.pilot", _asks), ("port.inlet_voltage", _is_live)):
        for seen, until_ns in case.memory.spans(name, released_ns):
            if alive(seen.value) and opened_ns <= until_ns < released_ns:
                causes.append(until_ns)
    return (released_ns - max(causes)) / NANOSECONDS


def _asks(pilot: Value) -> bool:
    return pilot in _CHARGING_PILOT


def _is_live(volts: Value) -> bool:
    return isinstance(volts, (int, float)) and volts >= SAFE_INLET_VOLTAGE
