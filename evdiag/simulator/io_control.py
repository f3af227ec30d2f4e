"""A tester moves the virtual car's actuators: service 0x2F of ISO 14229-1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Final

from evdiag.simulator.authority import ACTUATOR_OF, Movement, ToolAuthority, has_arrived
from evdiag.simulator.car import VirtualCar
from evdiag.simulator.state import Actuator
from evdiag.simulator.uds import POSITIVE, NegativeError, Nrc, Service, check

LOCK_DID: Final = 0xE010
FLAP_DID: Final = 0xE012
"""Identifiers of the reference car's actuators; read, each gives one byte, as PORT_Lock has it."""

HELD_AT_MOST_S: Final = 30.0
"""However often the tester says that it is there: then the car has its actuator back."""

_LOCK_READ: Final = {"unlocked": 0, "locked": 1, "moving": 2}
_LOCK_FAULT: Final = 4
_FLAP_READ: Final = {"closed": 0, "open": 1, "moving": 2, "fault": 3}


class Control(IntEnum):
    """Control parameters; 'reset to default' is not offered."""

    RETURN = 0x00
    FREEZE = 0x02
    ADJUST = 0x03


@dataclass(frozen=True, slots=True)
class Controllable:
    """One identifier: which states move what, and what it reads as, where it can be read."""

    movements: Mapping[bytes, Movement]
    read: Callable[[VirtualCar], bytes] | None = None

    @property
    def actuators(self) -> frozenset[Actuator]:
        """The actuators that it moves."""
        return frozenset(ACTUATOR_OF[movement] for movement in self.movements.values())


@dataclass(frozen=True, slots=True)
class Order:
    """A request whose identifier and control parameter are offered; `head` begins its answer."""

    did: int
    parameter: Control
    states: bytes
    head: bytes


def _lock_state(car: VirtualCar) -> bytes:
    works = car.state.works("position_sensor")
    return bytes((_LOCK_READ[car.lock.position] if works else _LOCK_FAULT,))


def _flap_state(car: VirtualCar) -> bytes:
    return bytes((_FLAP_READ[str(car.values["port.flap"])],))


REFERENCE_ACTUATORS: Final[Mapping[int, Controllable]] = {
    LOCK_DID: Controllable({b"\x00": "unlock", b"\x01": "lock"}, _lock_state),
    FLAP_DID: Controllable({b"\x01": "open_flap"}, _flap_state),
}


class IoControl:
    """The actuators that one control unit lets a tester move, and since when it does."""

    def __init__(
        self, car: VirtualCar, tester: str, controllables: Mapping[int, Controllable]
    ) -> None:
        self._car = car
        self._offered = controllables
        self._authority = ToolAuthority(car, tester)
        self._held_until_s = 0.0

    @property
    def offered(self) -> bool:
        """True where there is anything to move."""
        return bool(self._offered)

    @property
    def actuators(self) -> frozenset[Actuator]:
        """What this unit moves, whoever commands it."""
        return frozenset().union(*(each.actuators for each in self._offered.values()))

    @property
    def held(self) -> bool:
        """True while the tester commands an actuator."""
        return any(map(self._authority.holds, self.actuators))

    @property
    def next_s(self) -> float | None:
        """When the tester loses what it holds, None where it holds nothing."""
        return self._held_until_s if self.held else None

    def identifiers(self) -> dict[int, Callable[[], bytes]]:
        """Return what can be read of the actuators."""
        return {
            did: partial(each.read, self._car)
            for did, each in self._offered.items()
            if each.read is not None
        }

    def order(self, payload: bytes) -> Order:
        """Return what is asked for.

        Raises:
            NegativeError: it is no request, or nothing that is offered.
        """
        check(len(payload) >= 4, Nrc.WRONG_LENGTH_OR_FORMAT)
        did, parameter = int.from_bytes(payload[1:3], "big"), payload[3]
        known = did in self._offered and parameter in tuple(Control)
        check(known, Nrc.REQUEST_OUT_OF_RANGE)
        head = bytes((Service.IO_CONTROL + POSITIVE,)) + payload[1:4]
        return Order(did, Control(parameter), payload[4:], head)

    def obey(self, order: Order, now_s: float) -> Movement | None:
        """Do what is asked for; return the movement that began, None where none did.

        Raises:
            NegativeError: the states are wrong, or the car is in no condition for it.
        """
        offered = self._offered[order.did]
        if order.parameter is Control.ADJUST:
            movement = _movement(offered, order.states)
            self._authority.move(movement)
            self._held_until_s = now_s + HELD_AT_MOST_S
            return movement
        check(not order.states, Nrc.WRONG_LENGTH_OR_FORMAT)
        for actuator in offered.actuators:
            if order.parameter is Control.RETURN:
                self._authority.give_back(actuator)
            else:
                self._authority.take(actuator)
                self._held_until_s = now_s + HELD_AT_MOST_S
        return None

    def done(self, order: Order) -> bytes:
        """Return the answer to an order that was obeyed."""
        reader = self._offered[order.did].read
        return order.head + (order.states if reader is None else reader(self._car))

    def moved(self, order: Order, movement: Movement) -> bytes:
        """Return the answer when a movement had its time.

        Raises:
            NegativeError: it did not arrive; the car has its actuator back.
        """
        if not has_arrived(self._car, movement):
            self._authority.give_back(ACTUATOR_OF[movement])
            raise NegativeError(Nrc.FAILURE_PREVENTS_EXECUTION)
        return self.done(order)

    def due(self, now_s: float) -> None:
        """Give back what was held for long enough."""
        if now_s >= self._held_until_s:
            self.give_back()

    def give_back(self) -> None:
        """Let the car command all of it again; this moves nothing."""
        for actuator in self.actuators:
            self._authority.give_back(actuator)


def _movement(offered: Controllable, states: bytes) -> Movement:
    check(len(states) in set(map(len, offered.movements)), Nrc.WRONG_LENGTH_OR_FORMAT)
    check(states in offered.movements, Nrc.REQUEST_OUT_OF_RANGE)
    return offered.movements[states]
