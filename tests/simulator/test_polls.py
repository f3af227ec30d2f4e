"""evdiag asks the virtual car, end to end: what it answers becomes rows of the timeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from evdiag.asking import Asking
from evdiag.bus.settings import BusSettings
from evdiag.connecting import RecordingPlan, connected
from evdiag.simulator.diagnostics import VINS
from evdiag.vehicles.library import library
from tests.bus.scripted import until
from tests.live.stories import multicast_works, own_multicast
from tests.simulator.running import car_on_a_bus

PATIENCE_S = 60.0


@pytest.mark.parametrize("vehicle", ["reference", "bmw-i3", "vw-eup"])
def test_polled_through_the_gate(vehicle: str, tmp_path: Path) -> None:
    with car_on_a_bus(vehicle=vehicle, behind_gateway=True) as (car, settings):
        said = followed(vehicle, settings, car, tmp_path)
    assert said["port.lock"][-1] == "locked"
    assert "unlocked" in said["port.lock"]


@pytest.mark.skipif(not multicast_works(), reason="this machine's loopback carries no multicast")
def test_polled_over_a_network_interface(tmp_path: Path) -> None:
    with car_on_a_bus(own_multicast(), behind_gateway=True) as (car, settings):
        said = followed("reference", settings, car, tmp_path)
    assert said["port.plug"][-1] == "connected"
    assert said["vehicle.lock"] == ["locked"]


def followed(
    vehicle: str, settings: BusSettings, car: object, folder: Path
) -> dict[str, list[object]]:
    """Ask a car, plug in while asking, and return what was said of each signal."""
    profile = library().profile(vehicle)
    live = connected([settings], vehicle, RecordingPlan(folder))
    live.start()
    asking = Asking(live, profile)
    try:
        asking.begin()
        until(lambda: (asking.status().vin or "") == VINS[vehicle], PATIENCE_S)
        until(lambda: all(p.answers for p in asking.status().polls), PATIENCE_S)
        car.do("plug_in")  # type: ignore[attr-defined]
        until(
            lambda: live.follower.look(
                lambda f: any(
                    (c.change.signal, c.change.new) == ("port.lock", "locked") for c in f.changes
                )
            ),
            PATIENCE_S,
        )
        assert not [p for p in asking.status().polls if p.stopped or p.time_outs > 3]
    finally:
        asking.end()
        live.stop()
    said: dict[str, list[object]] = {}
    for placed in live.following.changes:
        said.setdefault(placed.change.signal, []).append(placed.change.new)
    return said
