"""How a virtual car behaves when it is healthy, and in what condition it is at the beginning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from evdiag.simulator.acts import LockMode, Part
from evdiag.vehicles.profile import Profile

Unlocks: TypeAlias = Literal["all_doors", "drivers_door", "nothing"]
Anchor: TypeAlias = Literal["lock_open", "fob", "door_unlock"]


@dataclass(frozen=True, slots=True)
class Habits:
    """What the car does by itself; times in seconds.

    `relock_after_s` counts from `relock_anchor`; None: it does not lock again by itself.
    `opens_at_session_end` lists the kinds of charging whose end opens the lock. `button_asks`:
    the button of the handle asks for the lock to open, once the car is unlocked. `unlocks` is what
    an unlock opens: with less than all doors, the plug stays locked.
    """

    relock_after_s: float | None = 10.0
    relock_anchor: Anchor = "lock_open"
    opens_at_session_end: tuple[str, ...] = ("dc",)
    button_asks: bool = False
    lock_mode: LockMode = "always"
    unlocks: Unlocks = "all_doors"


@dataclass(frozen=True, slots=True)
class Condition:
    """What is wrong with the car when it begins, and the weather in °C.

    `sensor_sticks`: the lock's position sensor, once it says locked, says so for ever.
    """

    broken: frozenset[Part] = frozenset()
    frozen: bool = False
    cable_hangs: bool = False
    sensor_sticks: bool = False
    ambient: float = 18.0


def habits_of(profile: Profile) -> Habits:
    """Return the habits of a car, as far as its profile knows them."""
    relock = profile.relock
    return Habits(
        relock_after_s=None if relock is None else min(relock.seconds),
        relock_anchor="lock_open" if relock is None else relock.anchor,
        opens_at_session_end=profile.lock.opens_at_session_end,
        button_asks=profile.lock.latch_button_requests,
    )
