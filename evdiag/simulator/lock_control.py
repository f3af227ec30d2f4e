"""A tool moves the virtual car's lock: service 0x2F, with the conditions of a real unit."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from evdiag.simulator.car import VirtualCar
from evdiag.simulator.lock import ENDS, LOCK_TRAVEL_S, Command
from evdiag.simulator.state import WEAK_BELOW_V
from evdiag.simulator.uds import Nrc, check

LOCK_DID: Final = 0xE010
"""Identifier of the reference car's lock actuator; read, it gives one byte, as PORT_Lock has it."""

TAKES_S: Final = LOCK_TRAVEL_S + 0.25
"""From the request to the verdict whether the pin arrived."""

HELD_AT_MOST_S: Final = 30.0
"""However often the tester says that it is there: then the car has its lock back."""

_COMMANDS: Final[dict[int, Command]] = {0: "unlock", 1: "lock"}
_READ: Final = {"unlocked": 0, "locked": 1, "moving": 2}
_FAULT: Final = 4


class Control(IntEnum):
    """Control parameters of ISO 14229-1; 'reset to default' is not offered."""

    RETURN = 0x00
    FREEZE = 0x02
    ADJUST = 0x03


class LockControl:
    """Who commands the lock: the car, or a tester."""

    def __init__(self, car: VirtualCar) -> None:
        self._car = car
        self._held_until_s = 0.0

    def due(self, now_s: float) -> None:
        """Give the lock back to the car when it has been held for long enough."""
        if self._car.lock.held and now_s >= self._held_until_s:
            self.give_back()

    def give_back(self) -> None:
        """Let the car command its lock again; this moves nothing."""
        if self._car.lock.held:
            self._car.lock.held = False
            self._car.lock.plan_relock("lock_open")

    def freeze(self, now_s: float) -> None:
        """Keep the lock as it is, whatever the car wants."""
        self._hold(now_s)

    def adjust(self, states: bytes, now_s: float) -> Command:
        """Begin to move the lock; return what was commanded.

        Raises:
            NegativeError: the request is wrong, or the car is in no condition for it.
        """
        check(len(states) == 1, Nrc.WRONG_LENGTH_OR_FORMAT)
        check(states[0] in _COMMANDS, Nrc.REQUEST_OUT_OF_RANGE)
        command = _COMMANDS[states[0]]
        self._check_conditions(command)
        self._hold(now_s)
        if self._car.lock.position != ENDS[command]:
            self._car.lock.drive(command)
        return command

    def arrived(self, command: Command) -> bool:
        """Tell whether the pin is where it was commanded; where not, the car has it back."""
        if self._car.lock.position == ENDS[command] and self._car.state.works("position_sensor"):
            return True
        self.give_back()
        return False

    def state(self) -> bytes:
        """Return the lock's position, in the words of the reference car's Lock_State."""
        works = self._car.state.works("position_sensor")
        return bytes((_READ[self._car.lock.position] if works else _FAULT,))

    def _hold(self, now_s: float) -> None:
        self._car.lock.held = True
        self._held_until_s = now_s + HELD_AT_MOST_S

    def _check_conditions(self, command: Command) -> None:
        values = self._car.values
        check(float(values["vehicle.speed"]) == 0, Nrc.VEHICLE_SPEED_TOO_HIGH)
        check(values["vehicle.gear"] == "P", Nrc.SHIFTER_NOT_IN_PARK)
        check(self._car.state.supply_v >= WEAK_BELOW_V, Nrc.VOLTAGE_TOO_LOW)
        charging = self._car.charging.active or float(values["port.inlet_voltage"]) >= 60.0
        check(not charging, Nrc.CONDITIONS_NOT_CORRECT)
        if command == "lock":
            check(values["port.plug"] == "connected", Nrc.CONDITIONS_NOT_CORRECT)
        check(self._car.lock.position != "moving", Nrc.BUSY_REPEAT_REQUEST)
