"""What the lock of a car did over months, as plain values. Pure data.

Times are nanoseconds since 1970 in UTC; what has no date has no place in a history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from evdiag.port.attempt import Outcome

Charger: TypeAlias = Literal["ac", "dc"]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else was so at the time; None where the car does not offer it. °C and volt."""

    ambient_temperature: float | None = None
    supply_voltage: float | None = None
    charger: Charger | None = None


@dataclass(frozen=True, slots=True)
class Unlocking:
    """One attempt to get the plug out, in the session (a recording) that `session` names."""

    time_ns: int
    session: str
    outcome: Outcome
    released_after_s: float | None = None
    circumstances: Circumstances = Circumstances()


@dataclass(frozen=True, slots=True)
class Locking:
    """One time the lock was told to close, or a plug went in: how long it took.

    `locked_after_s` is None where the lock did not report closed in time.
    """

    time_ns: int
    session: str
    locked_after_s: float | None
    circumstances: Circumstances = Circumstances()


@dataclass(frozen=True, slots=True)
class Repair:
    """Something was done to the car: a part changed, a case closed with a verdict."""

    time_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """One car's lock, in order of time. `name` is how the car is called, `model` its profile."""

    name: str
    model: str
    unlockings: tuple[Unlocking, ...] = ()
    lockings: tuple[Locking, ...] = ()
    repairs: tuple[Repair, ...] = ()
