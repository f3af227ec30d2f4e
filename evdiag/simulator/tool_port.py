"""A tool moves the reference car's lock and flap with cyclic frames: `TOOL_Port` of its DBC.

The car itself never sends this frame. Three valid frames in a row that ask for the same are
obeyed; three that ask for nothing, or 100 ms without a valid one, give authority back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from evdiag.databases.layout import MessageLayout
from evdiag.inputs import Frame, frame_key
from evdiag.signals.bits import Bits
from evdiag.signals.checksums import checksum
from evdiag.simulator.authority import ACTUATOR_OF, Movement, ToolAuthority
from evdiag.simulator.car import VirtualCar
from evdiag.simulator.uds import NegativeError

MESSAGE: Final = "TOOL_Port"
IN_A_ROW: Final = 3
SILENCE_S: Final = 0.1

_COUNTERS: Final = 16
_REQUESTS: Final[Mapping[int, Movement | None]] = {0: None, 1: "unlock", 2: "lock", 3: "open_flap"}


class _Said(NamedTuple):
    movement: Movement | None
    counter: int


class ToolPort:
    """The port module's ear for `TOOL_Port`. Time is given in seconds, rising."""

    def __init__(self, car: VirtualCar, message: MessageLayout) -> None:
        signals = {signal.name: Bits(signal) for signal in message.signals}
        self._request = signals["Tool_Request"]
        self._counter = signals["Tool_Counter"]
        self._checksum = signals["Tool_Checksum"]
        self._length = message.length
        self._car = car
        self._authority = ToolAuthority(car, f"a tool by {MESSAGE}")
        self._last: _Said | None = None
        self._row = 0
        self._valid_s = 0.0
        self._obeyed: Movement | None = None
        self.key = message.key

    @property
    def next_s(self) -> float | None:
        """When silence gives authority back; None where the car has it."""
        return None if self._obeyed is None else self._valid_s + SILENCE_S

    def heard(self, frame: Frame, now_s: float) -> None:
        """Take a frame, whether or not it is one of these."""
        if frame.remote or frame.error or frame_key(frame.id, frame.extended) != self.key:
            return
        self._car.state.wake()
        if self._car.lock_module_dead:
            return
        self._notice_loss()
        self._count(self._read(frame.data), now_s)
        if self._last is not None and self._row >= IN_A_ROW:
            self._obey(self._last.movement)

    def due(self, now_s: float) -> None:
        """Give authority back when nothing valid came for long enough."""
        if self._obeyed is not None and now_s - self._valid_s >= SILENCE_S:
            self._give_back()

    def _read(self, data: bytes) -> _Said | None:
        """Return what a frame says; None where its length, request or checksum is wrong."""
        request = self._request.read(data)
        wrong = len(data) != self._length or request not in _REQUESTS
        if wrong or self._checksum.read(data) != checksum("crc8-j1850", data[:-1]):
            return None
        return _Said(_REQUESTS[request or 0], self._counter.read(data) or 0)

    def _count(self, said: _Said | None, now_s: float) -> None:
        last, self._last = self._last, said
        if said is None:
            self._row = 0
            return
        rises = last is not None and said.counter == (last.counter + 1) % _COUNTERS
        if rises:
            self._valid_s = now_s
        same = last is not None and said.movement == last.movement
        self._row = self._row + 1 if rises and same else 1

    def _obey(self, movement: Movement | None) -> None:
        if movement == self._obeyed:
            return
        self._give_back()
        if movement is None:
            return
        try:
            self._authority.move(movement)
        except NegativeError:
            # This module cannot say no: it waits until the car is in a condition for it.
            return
        self._obeyed = movement

    def _give_back(self) -> None:
        self._obeyed = None
        for actuator in set(ACTUATOR_OF.values()):
            self._authority.give_back(actuator)

    def _notice_loss(self) -> None:
        """Begin anew after the module was reset, which took authority back."""
        if self._obeyed is not None and not self._authority.holds(ACTUATOR_OF[self._obeyed]):
            self._obeyed = None
            self._row = 0
            self._last = None


def tool_port_of(car: VirtualCar, messages: Iterable[MessageLayout]) -> ToolPort | None:
    """Return the ear of a car that has one: its DBC has the message."""
    found = next((message for message in messages if message.name == MESSAGE), None)
    return None if found is None else ToolPort(car, found)
