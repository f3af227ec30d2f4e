"""A virtual car on a bus in real time.

Everything is scheduled by absolute times from the car's beginning, so nothing drifts; who wakes
late sends what is due once and goes on.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from evdiag.bus.source import GarbledError, Source
from evdiag.bus.transmitter import Transmitter
from evdiag.inputs import Frame
from evdiag.simulator.acts import Act
from evdiag.simulator.neighbours import Neighbours
from evdiag.simulator.state import Happening
from evdiag.simulator.wire_car import WireCar
from evdiag.vocabulary import Value

TURN_S = 0.01
"""No turn waits longer: a key that was pressed, or a change of the car, shows that soon."""

ASLEEP_TURN_S = 0.05
LATEST = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """The car as it stands, taken whole at one moment.

    `happened` are the latest happenings, oldest first. `sent` and `heard` count frames.
    """

    now_s: float
    values: Mapping[str, Value]
    asleep: bool
    happened: tuple[Happening, ...]
    offered: tuple[Act, ...]
    sent: int
    heard: int


class RealTime:
    """Plays one car on one opened bus, turn by turn, in whatever thread calls `turn`.

    `do` and `look` may be called from any thread. `clock` counts nanoseconds and never jumps.
    """

    def __init__(
        self,
        car: WireCar,
        source: Source,
        transmitter: Transmitter,
        neighbours: Neighbours,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._car = car
        self._source = source
        self._transmitter = transmitter
        self._neighbours = neighbours
        self._clock = clock
        self._began_ns = clock()
        self._wanted: deque[str] = deque()
        self._lock = threading.Lock()
        self._sent = self._heard = 0

    @property
    def now_s(self) -> float:
        """Seconds since the car's beginning."""
        return (self._clock() - self._began_ns) / 1e9

    def turn(self) -> None:
        """Wait until something is due, take what was heard, send what is due.

        Raises:
            BusError: the bus is gone, or takes nothing.
            RefusedError: somebody else talks on a bus that is no loopback.
        """
        received = self._receive()
        with self._lock:
            self._heard += len(received)
            self._neighbours.heard(received)
            now_ns = self._clock() - self._began_ns
            # Who wakes late has frames waiting: they are heard before silence is judged.
            self._car.car.advance(now_ns / 1e9)
            while self._wanted:
                self._car.car.do(self._wanted.popleft())
            self._car.heard(received, now_ns)
            due = self._car.advance(now_ns)
        for frame in due:
            self._transmitter.transmit(frame)
        self._sent += len(due)

    def do(self, act: str) -> None:
        """Have an act happen in the next turn."""
        self._wanted.append(act)

    def touch(self, do: Callable[[WireCar], T]) -> T:
        """Let something be read from the car, or done to it, between two turns."""
        with self._lock:
            return do(self._car)

    def look(self) -> Look:
        """Return the car as it stands."""
        with self._lock:
            car = self._car.car
            return Look(
                now_s=car.now_s,
                values=dict(car.values),
                asleep=car.state.asleep,
                happened=tuple(car.truth[-LATEST:]),
                offered=tuple(car.offered()),
                sent=self._sent,
                heard=self._heard,
            )

    def happened(self, since: int) -> list[Happening]:
        """Return what happened after the first `since` happenings."""
        with self._lock:
            return self._car.car.truth[since:]

    def close(self) -> None:
        """Send nothing any more, and close the bus."""
        self._transmitter.close()
        self._source.close()

    def _receive(self) -> list[Frame]:
        try:
            return self._source.receive(self._wait_s())
        except GarbledError:
            # Not for a car to mend: the link's health is not what is simulated.
            return []

    def _wait_s(self) -> float:
        longest_s = ASLEEP_TURN_S if self._car.car.state.asleep else TURN_S
        next_ns = self._car.next_ns
        if next_ns is None:
            return longest_s
        return min(max(0.0, next_ns / 1e9 - self.now_s), longest_s)
