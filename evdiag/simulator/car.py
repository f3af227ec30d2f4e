"""A virtual car: acts go in, the values of the vocabulary come out over time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from evdiag.simulator.story import ACTS_IN_WORDS, Act, Story
from evdiag.vocabulary import Value

LOCK_TRAVEL_S = 0.18
MOTOR_S = 0.6
RUNNING_CURRENT = 0.24
BLOCKED_CURRENT = 2.2
"""Ampere, of a type 2 lock motor (HARTING data sheet: running up to 0.25, blocked up to 2.4)."""

LOCKS_AFTER_PLUG_S = 2.6
DC_WELD_CHECK_S = 3.0
"""From the inlet below 60 V to the lock opening, as a BMW i3 did at three
stations (damienmaguire/BMW-i3-CCS)."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that really happened in the story: the truth that tests compare with."""

    at_s: float
    what: str


class VirtualCar:
    """Plays one story; `values_over_time` is what its modules would report, at the time they do."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._now = 0.0
        self._pushed = False
        self._unlock_wanted = False
        self.module_dead_from_s: float | None = None
        self.truth: list[Happening] = []
        self.values_over_time: list[tuple[float, str, Value]] = []
        self._values: dict[str, Value] = {}
        for name, value in _PARKED.items():
            self._set(name, value)
        self._set("vehicle.ambient_temperature", story.ambient)
        self._set("port.temperature", story.ambient + 2)
        for at_s, act in story.acts:
            self._at(at_s, partial(self._act, act))
        while self._queue and self._queue[0][0] <= story.seconds:
            self._now, _, happen = heapq.heappop(self._queue)
            happen()

    # -- the person --------------------------------------------------------------------------

    def _act(self, act: Act) -> None:
        self._note(ACTS_IN_WORDS[act])
        getattr(self, f"_{act}")()

    def _plug_in(self) -> None:
        self._set("port.flap", "open")
        self._set("port.plug", "connected")
        self._later(0.2, "port.pilot", "B2")
        self._later(0.2, "port.pilot_duty", 26.5)
        self._at(self._now + LOCKS_AFTER_PLUG_S, self._drive_lock_closed)

    def _start_ac(self) -> None:
        self._set("charge.type", "ac")
        self._set("charge.active", "yes")
        self._set("port.pilot", "C2")
        self._ramp_current(16.0)

    def _start_dc(self) -> None:
        self._set("charge.type", "dc")
        self._set("charge.active", "yes")
        self._set("port.pilot_duty", 5.0)
        self._set("port.pilot", "C2")
        self._set("port.inlet_voltage", 362.0)
        self._set("port.dc_contactors", "closed")
        self._ramp_current(84.0)

    def _end_session(self) -> None:
        if self._values["charge.active"] != "yes":
            return
        self._set("charge.active", "no")
        self._set("port.pilot", "B2")
        self._set("port.inlet_current", 0.0)
        if self._values["charge.type"] == "dc":
            self._later(0.3, "port.dc_contactors", "open")
            for step in range(12):
                self._later(0.4 + step * 0.1, "port.inlet_voltage", 362.0 * 0.62 ** (step + 1))
            self._later(1.7, "port.inlet_voltage", 0.0)
            self._at(self._now + 0.8 + DC_WELD_CHECK_S, lambda: self._drive_lock_open("dc"))
        elif self._unlock_wanted:
            self._at(self._now + 0.4, lambda: self._drive_lock_open("ac"))

    def _press_fob_unlock(self) -> None:
        if not self._story.fault.fob_dead:
            self._set("vehicle.key_heard", "yes")
            self._at(self._now + 4.0, lambda: self._set("vehicle.key_heard", "no"))
            self._unlock("fob")

    def _press_fob_lock(self) -> None:
        if not self._story.fault.fob_dead:
            self._lock("fob")

    def _unlock_at_door(self) -> None:
        self._unlock("door")

    def _press_handle_button(self) -> None:
        self._set("port.latch_button", "pressed")
        self._later(0.9, "port.latch_button", "released")

    def _pull(self) -> None:
        if self._values["port.lock"] == "unlocked" and not self._story.fault.latch_holds:
            self._set("port.pilot", "A")
            self._later(0.18, "port.plug", "disconnected")
            self._later(0.3, "charge.type", "none")
            self._later(6.0, "port.flap", "closed")
            self._at(self._now + 0.18, lambda: self._note("the plug leaves"))
        else:
            self._note("the plug does not come out")

    def _push_in(self) -> None:
        self._pushed = True

    def _use_manual_release(self) -> None:
        self._set("port.lock", "unlocked")
        self._set("port.lock_fault", "fault")
        self._note("the lock opens by the manual release")

    def _lock_module_dies(self) -> None:
        self.module_dead_from_s = self._now

    # -- the car -----------------------------------------------------------------------------

    def _unlock(self, source: str) -> None:
        self._later(0.06, "vehicle.lock_source", source)
        self._later(0.10, "port.unlock_request", "active")
        self._later(0.12, "vehicle.lock", "unlocked")
        self._later(0.58, "port.unlock_request", "idle")
        self._unlock_wanted = True
        if self._values["charge.active"] == "yes":
            if not self._story.fault.session_does_not_end:
                self._at(self._now + 0.8, self._end_session)
        elif self._values["port.plug"] == "connected":
            self._at(self._now + 0.2, lambda: self._drive_lock_open("asked"))

    def _lock(self, source: str) -> None:
        self._later(0.06, "vehicle.lock_source", source)
        self._later(0.10, "port.lock_request", "active")
        self._later(0.12, "vehicle.lock", "locked")
        self._later(0.58, "port.lock_request", "idle")
        self._unlock_wanted = False
        if self._values["port.plug"] == "connected":
            self._at(self._now + 0.3, self._drive_lock_closed)

    def _drive_lock_open(self, why: str) -> None:
        if self._values["port.lock"] != "locked":
            return
        stuck = self._story.fault.frozen or (
            self._story.fault.stalls_until_pushed and not self._pushed
        )
        self._motor("unlock", BLOCKED_CURRENT if stuck else RUNNING_CURRENT)
        if stuck:
            self._note("the lock's motor runs and the pin stays where it is")
            return
        self._later(0.02, "port.lock", "moving")
        self._later(LOCK_TRAVEL_S, "port.lock", "unlocked")
        self._at(self._now + LOCK_TRAVEL_S, lambda: self._note("the lock opens"))
        if self._story.relock_after_s is not None and why != "dc":
            relock_s = self._now + LOCK_TRAVEL_S + self._story.relock_after_s
            self._at(relock_s - LOCK_TRAVEL_S, self._drive_lock_closed)

    def _drive_lock_closed(self) -> None:
        if self._values["port.plug"] != "connected" or self._values["port.lock"] != "unlocked":
            return
        self._motor("lock", RUNNING_CURRENT)
        self._later(0.02, "port.lock", "moving")
        self._later(LOCK_TRAVEL_S, "port.lock", "locked")
        self._at(self._now + LOCK_TRAVEL_S, lambda: self._note("the lock closes"))

    def _motor(self, command: Literal["lock", "unlock"], current: float) -> None:
        self._set("port.lock_command", command)
        self._set("port.lock_current", current)
        self._later(MOTOR_S, "port.lock_command", "idle")
        self._later(MOTOR_S, "port.lock_current", 0.0)
        supply = float(self._values["vehicle.supply_voltage"])
        self._set("vehicle.supply_voltage", supply - 0.1 * current)
        self._later(MOTOR_S, "vehicle.supply_voltage", supply)

    def _ramp_current(self, amperes: float) -> None:
        for step in range(1, 6):
            self._at(self._now + step * 0.4, partial(self._flow, amperes * step / 5))

    def _flow(self, amperes: float) -> None:
        if self._values["charge.active"] == "yes":
            self._set("port.inlet_current", amperes)

    # -- time --------------------------------------------------------------------------------

    def _at(self, at_s: float, happen: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._queue, (at_s, self._count, happen))

    def _later(self, after_s: float, name: str, value: Value) -> None:
        self._at(self._now + after_s, lambda: self._set(name, value))

    def _set(self, name: str, value: Value) -> None:
        self._values[name] = value
        self.values_over_time.append((self._now, name, value))

    def _note(self, what: str) -> None:
        self.truth.append(Happening(round(self._now, 3), what))


_PARKED: dict[str, Value] = {
    "port.lock": "unlocked",
    "port.lock_command": "idle",
    "port.lock_current": 0.0,
    "port.plug": "disconnected",
    "port.latch_button": "released",
    "port.flap": "closed",
    "port.flap_lock": "unlocked",
    "port.pilot": "A",
    "port.pilot_duty": 0.0,
    "port.dc_contactors": "open",
    "port.lock_fault": "ok",
    "port.unlock_request": "idle",
    "port.lock_request": "idle",
    "port.inlet_voltage": 0.0,
    "port.inlet_current": 0.0,
    "charge.active": "no",
    "charge.discharge": "no",
    "charge.timer": "no",
    "charge.type": "none",
    "charge.lock_mode": "always",
    "vehicle.lock": "locked",
    "vehicle.lock_source": "auto",
    "vehicle.key_heard": "no",
    "vehicle.speed": 0.0,
    "vehicle.gear": "P",
    "vehicle.ignition": "off",
    "vehicle.supply_voltage": 12.6,
}
