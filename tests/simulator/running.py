"""A virtual car on a bus that only this test is on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from evdiag.bus.settings import BusSettings
from evdiag.simulator.running import RunningCar, demo_bus, real_time
from evdiag.simulator.stories import STORY
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.library import library


@contextmanager
def car_on_a_bus(
    settings: BusSettings | None = None,
    *,
    vehicle: str = "reference",
    story: str | None = None,
    behind_gateway: bool = False,
    busy_every: int | None = None,
    secured: bool = False,
) -> Iterator[tuple[RunningCar, BusSettings]]:
    """Run a car for as long as the block lasts; what ended it before is raised."""
    settings = settings or demo_bus()
    wire_car = WireCar(
        library().profile(vehicle),
        None if story is None else STORY[story],
        behind_gateway=behind_gateway,
        busy_every=busy_every,
        secured=secured,
    )
    car = RunningCar(real_time(wire_car, settings, lambda _: None))
    car.start()
    try:
        yield car, settings
    finally:
        car.stop()
    if car.failure is not None:
        raise car.failure
