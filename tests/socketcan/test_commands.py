"""Commands on a real SocketCAN: carried out, and let go of when the link breaks under them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from evdiag.bus.settings import BusSettings
from evdiag.bus_watch import BusWatch
from evdiag.commanding import Commanding, way_of
from evdiag.connecting import RecordingPlan, connected
from evdiag.control.outcome import Outcome
from evdiag.errors import BusError
from evdiag.recordings import open_recording
from evdiag.simulator.running import RunningCar
from evdiag.vehicles.library import library
from tests.bus.scripted import until
from tests.simulator.running import car_on_a_bus
from tests.socketcan.conftest import ip

REFERENCE = library().profile("reference")
VCAN = BusSettings("socketcan", "vcan1")


@contextmanager
def commanded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RunningCar, Commanding]]:
    """Plug a virtual car in, and hear it long enough for every condition to be green."""
    monkeypatch.setenv("EVDIAG_STATE", str(folder))
    watch = BusWatch()
    with car_on_a_bus(VCAN) as (car, _):
        car.do("plug_in")
        live = connected([VCAN], "reference", RecordingPlan(folder), hooks=[watch.take])
        live.start()
        until(lambda: car.look().values["port.lock"] == "locked", 30)
        time.sleep(1.0)
        commanding = Commanding(live, watch)
        try:
            yield car, commanding
        finally:
            commanding.end()
            live.stop()


def outcome_of(commanding: Commanding) -> Outcome:
    until(lambda: commanding.look().state == "ended", 60)
    view = commanding.look().view
    assert view is not None
    assert view.outcome is not None
    return view.outcome


@pytest.mark.parametrize("way", ["frames", "uds"])
def test_an_unlock_is_carried_out_confirmed_and_recorded(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with commanded(tmp_path, monkeypatch) as (car, commanding):
        commanding.begin(way_of(REFERENCE, "unlock", way), REFERENCE, "a test")
        outcome = outcome_of(commanding)
        assert (outcome.kind, outcome.returned) == ("done", True), outcome
        until(lambda: car.touch(lambda wire: wire.authority.returned), 5)
    (recording,) = tmp_path.glob("*.log")
    sent = [f for f in open_recording(str(recording)).frames() if f.direction == "tx"]
    wanted = {0x4E8} if way == "frames" else {0x7E6}
    assert wanted <= {frame.id for frame in sent}


def test_a_link_that_goes_down_in_the_middle_leaves_it_to_the_car(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The virtual car hangs on the same link: what ends it is its own lost bus.
    with suppress(BusError), commanded(tmp_path, monkeypatch) as (car, commanding):
        car.do("break lock_motor")
        commanding.begin(way_of(REFERENCE, "unlock", "frames"), REFERENCE, "a test")
        until(lambda: car.touch(lambda wire: not wire.authority.returned), 20)
        ip("link", "set", "vcan1", "down")
        try:
            outcome = outcome_of(commanding)
        finally:
            ip("link", "set", "vcan1", "up")
        # Which is noticed first, the frame that cannot leave or the link, is chance.
        assert outcome.kind in ("bus_lost", "dropped"), outcome
        assert not outcome.returned
        assert "takes it back by itself" in outcome.returning
