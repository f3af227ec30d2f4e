"""What `evdiag doctor` makes of what it sees."""

import sys
from collections.abc import Sequence

import pytest

from evdiag.bus.adapters import Adapter, for_trying_out
from evdiag.bus.listen_only import Silence
from evdiag.bus.settings import BusSettings
from evdiag.bus.setup_checks import (
    check_bus,
    check_driver,
    check_interfaces,
    check_serial_ports,
    check_setup,
    judge,
)
from evdiag.bus.socketcan import Interface
from evdiag.inputs import BusEventKind

BUS = BusSettings("socketcan", "can0", 500_000)


def interface(**changed: object) -> Interface:
    known: dict[str, object] = {
        "name": "can0",
        "up": True,
        "virtual": False,
        "kind": "can",
        "bitrate": 500_000,
        "data_bitrate": None,
        "state": "ERROR-ACTIVE",
        "modes": ("LISTEN-ONLY",),
        "tx_errors": 0,
        "rx_errors": 0,
        "restart_ms": 0,
    }
    return Interface(**{**known, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "status", "word", "fix"),
    [
        ({}, "ok", "verified", ""),
        (
            {"up": False},
            "fault",
            "down",
            "sudo ip link set can0 up type can bitrate 500000 listen-only",
        ),
        ({"state": "BUS-OFF"}, "fault", "termination", "restart-ms"),
        ({"state": "ERROR-PASSIVE", "rx_errors": 130}, "fault", "rx 130", "250000"),
        ({"modes": ()}, "hint", "not silent", "listen-only on"),
        ({"virtual": True, "up": False, "kind": "vcan"}, "fault", "down", "ip link set can0 up"),
    ],
)
def test_an_interface_is_judged_and_mended(
    changed: dict[str, object], status: str, word: str, fix: str
) -> None:
    (check,) = check_interfaces([interface(**changed)])
    assert check.status == status
    assert word in check.finding
    assert fix in check.fix


def test_an_unsilent_interface_says_so_itself() -> None:
    assert interface(modes=()).silence.state == "not possible"
    assert interface().silence == Silence("verified", "the kernel says LISTEN-ONLY")
    assert interface(modes=(), virtual=True).silence.state == "verified"
    assert "`ip` is not installed" in interface(modes=(), kind="").silence.why


@pytest.mark.parametrize(
    ("data", "errors", "garbled", "kinds", "status", "word"),
    [
        (900, 0, 0, set(), "ok", "900 frames"),
        (0, 40, 0, set(), "fault", "not this bus's bit rate"),
        (0, 0, 0, set(), "hint", "ignition"),
        (3, 9, 0, {BusEventKind.BUS_OFF}, "fault", "no termination"),
        (0, 0, 7, set(), "fault", "no slcan"),
        (900, 2, 1, set(), "ok", "2 error frames"),
    ],
)
def test_what_was_heard_is_judged(
    data: int, errors: int, garbled: int, kinds: set[BusEventKind], status: str, word: str
) -> None:
    check = judge(BUS, 3.0, data, errors, garbled, kinds)
    assert check.status == status
    assert word in check.finding


def test_a_silent_bus_is_opened_listened_to_and_explained() -> None:
    opened, judged = check_bus(BusSettings("virtual", "doctor"), 0.2)
    assert opened.status == "ok"
    assert "nothing heard" in judged.finding


def test_a_bus_that_is_not_there_is_a_fault() -> None:
    (check,) = check_bus(BusSettings("slcan", "/dev/ttyNOPE9", 500_000), 0.2)
    assert check.status == "fault"
    assert "no serial port" in check.finding


@pytest.mark.parametrize("interface", ["udp_multicast", "virtual", "socketcand"])
def test_where_there_are_no_wires_none_are_blamed(interface: str) -> None:
    check = judge(BusSettings(interface, "x"), 3.0, 0, 0, 0, set())
    assert "nobody sends" in check.finding
    assert not any(word in check.finding + check.fix for word in ("CAN-H", "OBD", "ignition"))


def test_asking_is_named_as_the_command_that_can() -> None:
    check = judge(BUS, 3.0, 0, 0, 0, set())
    assert "`evdiag record --ask`" in check.fix


def test_a_missing_driver_is_found_before_anything_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from can.interfaces import BACKENDS

    monkeypatch.setitem(BACKENDS, "gs_usb", ("no_such_module_of_ours", "Bus"))
    check = check_driver(BusSettings("gs_usb", "0"))
    assert check is not None
    assert (check.status, "no_such_module_of_ours" in check.finding) == ("fault", True)
    assert 'pip install "python-can[gs-usb]"' in check.fix
    assert check_driver(BusSettings("virtual", "x")) is None


@pytest.mark.skipif(sys.platform == "win32", reason="ptys")
def test_a_named_port_is_asked_at_the_speed_that_was_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from serial import SerialException

    from tests.bus.lawicel import Adapter

    asked = []

    def probe(channel: str) -> None:
        asked.append(channel)
        raise SerialException("no")

    monkeypatch.setattr("evdiag.bus.setup_checks.serial_ports", list)
    monkeypatch.setattr("evdiag.bus.setup_checks.probe", probe)
    with Adapter() as adapter:
        (check,) = check_serial_ports([f"{adapter.port}@1000000"])
        assert check.about == adapter.port
        assert asked == [f"{adapter.port}@1000000"]


@pytest.mark.skipif(sys.platform == "win32", reason="ptys")
def test_a_named_port_is_asked_what_it_is() -> None:
    from tests.bus.lawicel import Adapter

    with Adapter("elm327") as elm, Adapter() as slcan:
        checks = {check.about: check for check in check_serial_ports([elm.port, slcan.port])}
        assert "cannot pass on raw CAN traffic" in checks[elm.port].finding
        assert checks[elm.port].status == "fault"
        assert "V1013" in checks[slcan.port].finding
        assert checks[slcan.port].status == "ok"


@pytest.mark.parametrize("plugged_in", [(), for_trying_out()[:1]])
def test_that_nothing_is_plugged_in_is_said(
    plugged_in: Sequence[Adapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evdiag.bus.setup_checks.adapters", lambda: list(plugged_in))
    said = [check.about for check in check_setup([])]
    assert ("adapter" in said) == (not plugged_in)
