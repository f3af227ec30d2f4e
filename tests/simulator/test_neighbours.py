"""A virtual car never talks where a real one might: who may send, and what stops it."""

from __future__ import annotations

import socket

import pytest

from evdiag.bus.opening import open_source
from evdiag.bus.settings import BusSettings
from evdiag.bus.socketcan import Interface
from evdiag.bus.source import GarbledError
from evdiag.errors import RefusedError
from evdiag.inputs import Frame
from evdiag.simulator import neighbours
from evdiag.simulator.neighbours import Neighbours, is_loopback, open_for_car
from evdiag.simulator.wire_car import WireCar
from evdiag.vehicles.library import library
from tests.bus.scripted import ScriptedSource, until
from tests.live.stories import multicast_works, own_multicast

REAL = BusSettings("slcan", "/dev/ttyACM0", 500000)
LOOPBACK = BusSettings("virtual", "x")


def frame(identifier: int, data: bytes = b"\0", *, extended: bool = False, **more: bool) -> Frame:
    return Frame(0, "can0", identifier, extended, data, **more)  # type: ignore[arg-type]


@pytest.fixture
def car() -> WireCar:
    return WireCar(library().profile("reference"))


def interface(name: str, *, virtual: bool) -> Interface:
    return Interface(name, True, virtual, "", None, None, "", (), None, None, None)


def test_what_counts_as_a_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"vcan0": interface("vcan0", virtual=True), "can0": interface("can0", virtual=False)}
    monkeypatch.setattr(neighbours.socketcan, "interface", found.get)
    assert is_loopback(BusSettings("virtual", "x"))
    assert is_loopback(BusSettings("udp_multicast", "239.74.163.2"))
    assert is_loopback(BusSettings("socketcan", "vcan0"))
    assert not is_loopback(BusSettings("socketcan", "can0"))
    assert not is_loopback(BusSettings("socketcan", "gone"))
    assert not is_loopback(REAL)
    assert not is_loopback(BusSettings("socketcand", "can0"))


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        ([frame(0x123)], "frame 0x123 was heard"),
        ([frame(0x20, error=True)], "bus errors were heard"),
        (GarbledError("?"), "another bit rate"),
    ],
)
def test_where_anything_is_heard_nothing_is_opened_to_send(
    heard: list[Frame] | GarbledError, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ScriptedSource([[], heard])
    monkeypatch.setattr(neighbours, "open_source", lambda _: source)
    monkeypatch.setattr(neighbours, "open_to_transmit", pytest.fail)
    with pytest.raises(RefusedError, match=words) as refused:
        open_for_car(REAL, listens_s=20.0)
    assert refused.value.exit_code == 3
    assert source.closed


def test_where_nothing_is_heard_it_opens_and_a_loopback_is_not_listened_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = object()
    listened: list[BusSettings] = []

    def listen(settings: BusSettings) -> ScriptedSource:
        listened.append(settings)
        return ScriptedSource([])

    monkeypatch.setattr(neighbours, "open_source", listen)
    monkeypatch.setattr(neighbours, "open_to_transmit", lambda _: opened)
    assert open_for_car(REAL, listens_s=0.05) is opened
    assert open_for_car(LOOPBACK) is opened
    assert listened == [REAL]


STRANGERS = [
    frame(0x123),
    frame(0x4E0),
    frame(0x7E5, b"\x02\x3e\0"),
    frame(0x7EE, b"\x02\x7e\0"),
    frame(0x6F1, b"\x14\x02\x3e\0"),
    frame(0x7E6, b"\x02\x3e\0", extended=True),
    frame(0x7E6, b"", remote=True),
    frame(0x7DF, b"\x10\x08\x22"),
    frame(0x4E8, bytes(8), extended=True),
    frame(0x4E8, b"", remote=True),
    frame(0x20, error=True),
]
TESTERS = [
    frame(0x7E6, b"\x02\x3e\0"),
    frame(0x7E6, b"\x30\0\0"),
    frame(0x6F1, b"\x26\x02\x3e\0"),
    frame(0x18DA40F1, b"\x02\x3e\0", extended=True),
    frame(0x7DF, b"\x02\x09\x02"),
    frame(0x4E8, bytes(8)),
]


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
def test_the_first_foreign_frame_on_a_real_bus_stops_it(stranger: Frame, car: WireCar) -> None:
    with pytest.raises(RefusedError, match="talks only where it is alone"):
        Neighbours(REAL, car, pytest.fail).heard([*TESTERS, stranger])


def test_who_asks_the_car_is_welcome_anywhere(car: WireCar) -> None:
    Neighbours(REAL, car, pytest.fail).heard(TESTERS)


def test_another_car_on_a_loopback_is_said_once(car: WireCar) -> None:
    said: list[str] = []
    judged = Neighbours(LOOPBACK, car, said.append)
    judged.heard([frame(0x123), frame(0x20, error=True), *TESTERS])
    assert said == []
    judged.heard([frame(0x4E0), frame(0x4E1)])
    judged.heard([frame(0x7EE)])
    assert said == ["another car sends frame 0x4E0 here, too: two cars on one bus"]


def test_a_car_on_multicast_stays_on_this_machine_and_is_heard_there() -> None:
    if not multicast_works():
        pytest.skip("no multicast on this machine's loopback")
    settings = own_multicast()
    listener = open_source(settings)
    car, transmitter = open_for_car(settings)
    sender = car._bus._multicast._socket  # type: ignore[attr-defined]
    assert sender.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == 0
    heard: list[Frame] = []
    transmitter.transmit(frame(0x123))
    until(lambda: heard.extend(listener.receive(0.1)) or heard)  # type: ignore[func-returns-value]
    assert heard[0].id == 0x123
    car.close()
    listener.close()
