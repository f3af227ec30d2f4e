"""Joins a virtual car and a live bus in one process: what `evdiag demo` shows. No hardware."""

from __future__ import annotations

from pathlib import Path

from evdiag.errors import EvdiagError
from evdiag.live.live import Live
from evdiag.simulator.running import RunningCar, demo_bus, real_time
from evdiag.simulator.story import Story
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.library import library
from evdiag.watching import WatchedBus


class Demo:
    """A car that plays its story and then obeys, and everything that listens to it.

    `car` is told what to do, `bus` is what a screen of a live bus shows; recordings go into
    `folder`. The bus is inside this process and nobody else is on it.
    """

    def __init__(self, story: Story | None, folder: Path = Path()) -> None:
        vehicle = "reference" if story is None else story.vehicle
        bus = demo_bus()
        self.bus = WatchedBus([bus], vehicle, folder)
        self.live: Live = self.bus.live
        self.car = RunningCar(
            real_time(WireCar(library().profile(vehicle), story), bus, lambda _: None)
        )

    def start(self) -> None:
        """Begin to listen, then let the car begin.

        Raises:
            BusError: the bus cannot be opened.
        """
        try:
            self.bus.start()
        except EvdiagError:
            self.car.stop()
            raise
        self.car.start()

    def stop(self) -> None:
        """End both."""
        self.car.stop()
        self.bus.stop()
