"""What a tool moves in place of the car, and under which conditions: one rule for all its ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from evdiag.simulator.car import VirtualCar
from evdiag.simulator.flap import FLAP_TRAVEL_S
from evdiag.simulator.lock import ENDS, LOCK_TRAVEL_S
from evdiag.simulator.state import WEAK_BELOW_V, Actuator
from evdiag.simulator.uds import Nrc, check

Movement: TypeAlias = Literal["unlock", "lock", "open_flap"]

ACTUATOR_OF: Final[Mapping[Movement, Actuator]] = {
    "unlock": "lock",
    "lock": "lock",
    "open_flap": "flap",
}

_VERDICT_S: Final = 0.25
TAKES_S: Final[Mapping[Movement, float]] = {
    "unlock": LOCK_TRAVEL_S + _VERDICT_S,
    "lock": LOCK_TRAVEL_S + _VERDICT_S,
    "open_flap": FLAP_TRAVEL_S + _VERDICT_S,
}
"""From the command to the verdict whether the actuator arrived."""


class ToolAuthority:
    """What one tool commands; as long as it does, the car and other tools do not.

    `tool` names it in words.
    """

    def __init__(self, car: VirtualCar, tool: str) -> None:
        self._car = car
        self._tool = tool

    def holds(self, actuator: Actuator) -> bool:
        """Tell whether this tool commands an actuator."""
        return self._car.state.holders.get(actuator) == self._tool

    def take(self, actuator: Actuator) -> None:
        """Command an actuator from now on; it stays as it is.

        Raises:
            NegativeError: another tool commands it.
        """
        holders = self._car.state.holders
        check(holders.get(actuator, self._tool) == self._tool, Nrc.CONDITIONS_NOT_CORRECT)
        if actuator not in holders:
            holders[actuator] = self._tool
            self._car.state.note(f"{self._tool} commands the {actuator}")

    def give_back(self, actuator: Actuator) -> None:
        """Let the car command an actuator again; this moves nothing."""
        if self.holds(actuator):
            self._car.take_back(actuator)

    def move(self, movement: Movement) -> None:
        """Take an actuator and begin to move it.

        Raises:
            NegativeError: the car is in no condition for it, or another tool commands it.
        """
        check_conditions(self._car, movement)
        self.take(ACTUATOR_OF[movement])
        if movement == "open_flap":
            self._car.flap.drive_open()
        elif self._car.lock.position != ENDS[movement]:
            self._car.lock.drive(movement)


def check_conditions(car: VirtualCar, movement: Movement) -> None:
    """Go on where the car is in a condition for this movement.

    Raises:
        NegativeError: it is not.
    """
    values = car.values
    check(float(values["vehicle.speed"]) == 0, Nrc.VEHICLE_SPEED_TOO_HIGH)
    check(values["vehicle.gear"] == "P", Nrc.SHIFTER_NOT_IN_PARK)
    if movement == "open_flap":
        return
    check(car.state.supply_v >= WEAK_BELOW_V, Nrc.VOLTAGE_TOO_LOW)
    charging = car.charging.active or float(values["port.inlet_voltage"]) >= 60.0
    check(not charging, Nrc.CONDITIONS_NOT_CORRECT)
    if movement == "lock":
        check(values["port.plug"] == "connected", Nrc.CONDITIONS_NOT_CORRECT)
    check(car.lock.position != "moving", Nrc.BUSY_REPEAT_REQUEST)


def has_arrived(car: VirtualCar, movement: Movement) -> bool:
    """Tell whether the sensors see the actuator where this movement ends."""
    if movement == "open_flap":
        return car.values["port.flap"] == "open"
    return car.lock.position == ENDS[movement] and car.state.works("position_sensor")
