"""Level ASK on a live bus: begun and ended in words, recorded, silent again at once."""

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from evdiag.ask_switch import AskSwitch
from evdiag.asking import Asking, check_rates
from evdiag.bus.settings import BusSettings
from evdiag.bus.socketcan import Interface
from evdiag.bus.source import Source
from evdiag.connecting import RecordingPlan, connected
from evdiag.control.policy import Level
from evdiag.errors import BadInputError, BusError, RefusedError
from evdiag.inputs import Frame
from evdiag.live.live import Live
from evdiag.recordings import open_recording
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Bus
from evdiag.wiring import analyse, read_capture
from tests.bus.scripted import until
from tests.control.test_against_a_stranger import BODY, CHARGER, PORT, PORT_LOCK, VIN, Car

REFERENCE = library().profile("reference")

SLCAN = BusSettings("slcan", "/dev/ttyACM0", 500_000)
HS = Bus("hs", 500_000, "OBD", True, ())
FD = HS._replace(data_bitrate=2_000_000)


@contextmanager
def live_on(settings: BusSettings, folder: Path | None, vehicle: str) -> Iterator[Live]:
    live = connected([settings], vehicle, None if folder is None else RecordingPlan(folder))
    live.start()
    try:
        yield live
    finally:
        live.stop()


def a_bus() -> BusSettings:
    return BusSettings("virtual", uuid.uuid4().hex)


@contextmanager
def strangers() -> Iterator[BusSettings]:
    """Control units of a car that is not ours, and the bus they are on."""
    car = Car(
        {
            PORT: {0xE001: PORT_LOCK, 0xF190: VIN.encode()},
            CHARGER: {0xE101: bytes(7), 0xE102: 0x33},
            BODY: {0xE201: b"\x01\x00\x01\x00", 0xE202: bytes(8)},
        }
    )
    with car.running():
        yield BusSettings("virtual", car.channel)


def transmitted(recording: Path) -> list[Frame]:
    return [f for f in open_recording(str(recording)).frames() if f.direction == "tx"]


def test_answers_become_the_port_and_the_recording_replays_them(tmp_path: Path) -> None:
    with strangers() as settings, live_on(settings, tmp_path, "reference") as live:
        asking = Asking(live, REFERENCE)
        assert asking.status().level is Level.LISTEN
        asking.begin()
        assert asking.status().level is Level.ASK
        until(lambda: asking.status().vin, 30)
        until(lambda: live.following.session is not None, 30)
        until(lambda: len(live.following.changes) >= 3, 30)
        asking.end()
        assert asking.status().level is Level.LISTEN
        sent = live.state.sent
        until(lambda: live.links[0].state.condition == "up")
        time.sleep(1.5)
        assert live.state.sent == sent, "nothing is asked any more"
        words = {
            view.name: view.reading.value
            for view in live.following.session.snapshot().signals  # type: ignore[union-attr]
            if view.reading.known is not None
        }
        rows = [placed.change for placed in live.following.changes]
    (recording,) = tmp_path.glob("*.log")
    assert transmitted(recording)
    assert VIN in recording.with_suffix(".jsonl").read_text()
    _, replayed = analyse(read_capture(str(recording)), "reference").run()
    assert words
    assert [(row.signal, row.new) for row in replayed[: len(rows)]] == [
        (row.signal, row.new) for row in rows
    ]


def test_a_car_with_nothing_to_ask_is_said_and_nothing_is_opened() -> None:
    with (
        live_on(a_bus(), None, "hyundai-kona") as live,
        pytest.raises(BadInputError, match="no control unit of Hyundai"),
    ):
        Asking(live, library().profile("hyundai-kona"))


def test_a_car_is_asked_only_where_it_is_recorded() -> None:
    with strangers() as settings, live_on(settings, None, "reference") as live:
        asking = Asking(live, REFERENCE)
        with pytest.raises(RefusedError, match="nothing is recorded here"):
            asking.begin()
        assert asking.status().level is Level.LISTEN
        assert live.state.sent == 0


def test_asking_ends_where_no_disk_takes_it(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    with strangers() as settings, live_on(settings, folder, "reference") as live:
        switch = AskSwitch(live)
        switch.begin(REFERENCE)
        until(lambda: (look := switch.look()).status is not None and look.status.polls[0].answers)
        shutil.rmtree(folder)
        until(lambda: switch.look().state == "off", 30)
        assert "asking ended: not recording: no such file" in switch.look().failure
        sent = live.state.sent
        time.sleep(1.0)
        assert live.state.sent == sent
        switch.close()


def test_an_adapter_that_cannot_send_leaves_the_bus_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(settings: BusSettings) -> tuple[Source, object]:
        raise BusError("can0 is in listen-only mode, so nothing can be asked")

    monkeypatch.setattr("evdiag.asking.open_to_transmit", refuse)
    with live_on(a_bus(), tmp_path, "reference") as live:
        asking = Asking(live, REFERENCE)
        with pytest.raises(BusError, match="listen-only mode"):
            asking.begin()
        assert asking.status().level is Level.LISTEN
        until(lambda: live.links[0].state.condition == "up")
        assert live.links[0].state.silence.state == "verified"


def test_a_lost_bus_ends_asking_and_comes_back_silent(tmp_path: Path) -> None:
    with strangers() as settings, live_on(settings, tmp_path, "reference") as live:
        asking = Asking(live, REFERENCE)
        asking.begin()
        until(lambda: asking.status().polls[0].answers > 0, 30)
        live.links[0]._source._bus.shutdown()  # type: ignore[union-attr]
        until(lambda: asking.status().level is Level.LISTEN, 30)
        until(lambda: live.links[0].state.reconnects >= 1, 30)
        assert live.links[0].state.silence.state == "verified"
        asking.end()


@pytest.mark.parametrize(
    ("settings", "bus", "words"),
    [
        (SLCAN, HS, None),
        (replace(SLCAN, bitrate=None), HS, None),
        (replace(SLCAN, bitrate=250_000), HS, "runs at 250000 bit/s and this car's hs at 500000"),
        (SLCAN, FD, "is CAN FD, which a classic adapter would disturb"),
        (replace(SLCAN, fd=True), FD, None),
        (replace(SLCAN, fd=True, data_bitrate=5_000_000), FD, "data bytes run at 5000000"),
        (BusSettings("virtual", "x", 125_000), FD, None),
        (BusSettings("socketcan", "can0", 500_000), HS, "runs at 125000 bit/s"),
        (BusSettings("socketcan", "vcan0"), FD, None),
        (BusSettings("socketcan", "gone"), FD, None),
    ],
)
def test_nobody_takes_part_in_a_bus_at_another_rate(
    settings: BusSettings, bus: Bus, words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {
        "can0": Interface("can0", True, False, "can", 125_000, None, "", (), 0, 0, 0),
        "vcan0": Interface("vcan0", True, True, "vcan", None, None, "", (), None, None, None),
    }
    monkeypatch.setattr("evdiag.asking.socketcan.interface", found.get)
    if words is None:
        check_rates(settings, bus)
        return
    with pytest.raises(BadInputError, match=words):
        check_rates(settings, bus)


def test_asking_at_another_rate_is_refused_before_anything_is_opened() -> None:
    with live_on(a_bus(), None, "reference") as live:
        link = live.links[0]
        link.settings = replace(link.settings, interface="slcan", bitrate=125_000)
        with pytest.raises(BadInputError, match="runs at 125000 bit/s"):
            Asking(live, REFERENCE)
