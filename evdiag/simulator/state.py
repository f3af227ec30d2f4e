"""What is true of the virtual car now, and what is going to happen: shared by all its parts.

Time is given in seconds from the car's beginning; nothing here reads a clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evdiag.simulator.acts import Part
from evdiag.simulator.habits import Condition
from evdiag.vocabulary import Value

HEALTHY_SUPPLY_V = 12.6
LOW_SUPPLY_V = 9.1
WEAK_BELOW_V = 10.0
"""With less than this the lock's motor has not the force to move the pin."""


Actuator: TypeAlias = Literal["lock", "flap"]
"""What of the port a tool can command."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that really happened: the truth that tests compare with."""

    at_s: float
    what: str


class CarState:
    """Values as the car's modules report them, its physical condition, and its agenda.

    `before` are the values that each one had before its last change. `plugged` is whether a plug
    is in, whatever the proximity contact says. `supply_v` is the 12 V battery at rest. `holders`
    names the tool that commands an actuator; the car does where none is named.
    """

    def __init__(self, condition: Condition) -> None:
        self.now_s = 0.0
        self.values: dict[str, Value] = dict(_PARKED)
        self.before: dict[str, Value] = {}
        self.values["vehicle.ambient_temperature"] = condition.ambient
        self.values["port.temperature"] = condition.ambient + 2
        self.broken: set[Part] = set(condition.broken)
        self.frozen = condition.frozen
        self.cable_hangs = condition.cable_hangs
        self.sensor_sticks = condition.sensor_sticks
        self.plugged = False
        self.asleep = False
        self.supply_v = HEALTHY_SUPPLY_V
        self.holders: dict[Actuator, str] = {}
        self.lock_module_starts_s = 0.0
        self.truth: list[Happening] = []
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def works(self, part: Part) -> bool:
        """Tell whether a part is not broken."""
        return part not in self.broken

    def set(self, name: str, value: Value) -> None:
        """Have the car report a value from now on."""
        if name in self.values and value != self.values[name]:
            self.before[name] = self.values[name]
        self.values[name] = value

    def note(self, what: str) -> None:
        """Write down what really happens."""
        self.truth.append(Happening(round(self.now_s, 3), what))

    def wake(self) -> None:
        """Let the bus wake up, where it sleeps."""
        if self.asleep:
            self.asleep = False
            self.note("the bus wakes up")

    def at(self, at_s: float, happen: Callable[[], None]) -> None:
        """Let something happen at a time; at the same time, what was planned first comes first."""
        self._count += 1
        heapq.heappush(self._agenda, (at_s, self._count, happen))

    def after(self, seconds: float, happen: Callable[[], None]) -> None:
        """Let something happen so many seconds from now."""
        self.at(self.now_s + seconds, happen)

    def later(self, seconds: float, name: str, value: Value) -> None:
        """Have the car report a value from so many seconds from now on."""
        self.after(seconds, lambda: self.set(name, value))

    @property
    def next_s(self) -> float | None:
        """When something happens next; None where nothing is going to."""
        return self._agenda[0][0] if self._agenda else None

    def advance(self, to_s: float) -> None:
        """Let time pass up to and including `to_s`, to the nanosecond."""
        to_ns = round(to_s * 1e9)
        while self._agenda and self._agenda[0][0] * 1e9 <= to_ns:
            self.now_s, _, happen = heapq.heappop(self._agenda)
            happen()
        self.now_s = max(self.now_s, to_s)


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
    "vehicle.supply_voltage": HEALTHY_SUPPLY_V,
}
