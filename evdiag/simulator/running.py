"""A virtual car that runs by itself, in a thread, until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from evdiag.bus.settings import BusSettings
from evdiag.errors import EvdiagError
from evdiag.simulator.neighbours import Neighbours, open_for_car
from evdiag.simulator.real_time import Look, RealTime
from evdiag.simulator.wire_car import WireCar

_DEMOS = count(1)

T = TypeVar("T")


def real_time(car: WireCar, settings: BusSettings, say: Callable[[str], None]) -> RealTime:
    """Open a bus and put a car on it; `say` is told of another car there.

    Raises:
        BusError: the bus cannot be opened.
        RefusedError: it is no loopback, and somebody talks on it.
    """
    source, transmitter = open_for_car(settings)
    return RealTime(car, source, transmitter, Neighbours(settings, car, say))


def demo_bus() -> BusSettings:
    """Return a bus inside this process that nothing else is on."""
    return BusSettings("virtual", f"demo-{next(_DEMOS)}")


class RunningCar:
    """Drives a car's turns. What ends it before it is stopped is kept in `failure`."""

    def __init__(self, real_time: RealTime) -> None:
        self._real_time = real_time
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="virtual car", daemon=True)
        self.failure: EvdiagError | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End: when this returns, nothing more is sent and the bus is closed."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._real_time.close()

    def acts(self) -> list[tuple[str, str, str]]:
        """Return what can be done now: id, words and key of each act."""
        return [(act.id, act.words, act.key) for act in self.look().offered]

    def do(self, act: str) -> None:
        """Have an act happen."""
        self._real_time.do(act)

    def touch(self, do: Callable[[WireCar], T]) -> T:
        """Let something be read from the car, or done to it, between two turns."""
        return self._real_time.touch(do)

    def look(self) -> Look:
        """Return the car as it stands."""
        return self._real_time.look()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._real_time.turn()
        except EvdiagError as error:
            self.failure = error
