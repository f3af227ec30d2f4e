"""Tools that are not ours ask the virtual car: udsoncan's client over can-isotp's own stack."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import can
import isotp
import pytest
import udsoncan
from udsoncan.client import Client
from udsoncan.connections import PythonIsoTpConnection
from udsoncan.exceptions import NegativeResponseException
from udsoncan.services import DiagnosticSessionControl

from evdiag.bus.settings import BusSettings
from evdiag.simulator.running import RunningCar
from evdiag.simulator.security import key_of
from tests.bus.scripted import until
from tests.simulator.running import car_on_a_bus

VIN = "EVD1AG0REFERENCE1"
MODES = isotp.AddressingMode

PORT = isotp.Address(MODES.Normal_11bits, txid=0x7E6, rxid=0x7EE)
CHARGER = isotp.Address(
    MODES.Extended_11bits, txid=0x6F1, rxid=0x626, source_address=0xF1, target_address=0x26
)
BODY = isotp.Address(MODES.Normal_29bits, txid=0x18DA40F1, rxid=0x18DAF140)
I3 = isotp.Address(
    MODES.Extended_11bits, txid=0x6F1, rxid=0x614, source_address=0xF1, target_address=0x14
)


class Raw(udsoncan.DidCodec):  # type: ignore[misc]
    """The data of an identifier, as it is."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._length = length

    def encode(self, value: bytes) -> bytes:
        return value

    def decode(self, data: bytes) -> bytes:
        return bytes(data)

    def __len__(self) -> int:
        return self._length


CONFIG: dict[str, Any] = {
    "request_timeout": 20,
    "p2_timeout": 10,
    "p2_star_timeout": 20,
    "use_server_timing": False,
    "security_algo": lambda level, seed, params: key_of(seed),
    "data_identifiers": {
        0xE001: Raw(8), 0xE101: Raw(8), 0xE102: Raw(2), 0xE201: Raw(4), 0xE202: Raw(8),
        0xF190: Raw(17), 0xDEF0: Raw(2), 0x1234: Raw(1), 0xE010: Raw(1),
    },
    "input_output": {0xE010: Raw(1)},
    "extended_data_size": {0x0D9600: 1},
}  # fmt: skip


@contextmanager
def tool(settings: BusSettings, address: Any, **params: Any) -> Iterator[Any]:
    """Connect a client to one control unit."""
    bus = can.Bus(interface="virtual", channel=settings.channel)
    stack = isotp.CanStack(bus, address=address, params={"tx_padding": 0, **params})
    try:
        with Client(PythonIsoTpConnection(stack), config=CONFIG) as client:
            yield client
    finally:
        bus.shutdown()


@pytest.fixture
def car() -> Iterator[tuple[RunningCar, BusSettings]]:
    with car_on_a_bus() as made:
        yield made


Car = tuple[RunningCar, BusSettings]


@pytest.mark.parametrize(
    ("address", "dids"),
    [(PORT, (0xE001,)), (CHARGER, (0xE101, 0xE102)), (BODY, (0xE201, 0xE202))],
    ids=["normal", "extended", "29 bit"],
)
def test_every_way_of_addressing(car: Car, address: Any, dids: tuple[int, ...]) -> None:
    with tool(car[1], address) as client:
        for did in dids:
            values = client.read_data_by_identifier([did, 0xF190]).service_data.values
            assert values[0xF190] == VIN.encode()
            assert len(values[did]) == len(CONFIG["data_identifiers"][did])


@pytest.mark.parametrize("params", [{"stmin": 5}, {"blocksize": 1}, {"stmin": 2, "blocksize": 2}])
def test_a_long_answer_at_the_testers_pace(car: Car, params: dict[str, int]) -> None:
    with tool(car[1], PORT, **params) as client:
        assert client.read_data_by_identifier(0xF190).service_data.values[0xF190] == VIN.encode()


def test_a_request_of_several_frames(car: Car) -> None:
    with tool(car[1], CHARGER) as client:
        values = client.read_data_by_identifier([0xE101, 0xE102, 0xF190]).service_data.values
    assert set(values) == {0xE101, 0xE102, 0xF190}


def test_the_lock_is_moved_through_sessions_keys_and_pending_answers() -> None:
    with car_on_a_bus(secured=True) as (running, settings):
        running.do("plug_in")
        until(lambda: running.look().values["port.lock"] == "locked")
        with tool(settings, PORT) as client:
            with pytest.raises(
                NegativeResponseException, match="ServiceNotSupportedInActiveSession"
            ):
                client.io_control(0xE010, control_param=3, values=[b"\x00"])
            client.change_session(DiagnosticSessionControl.Session.extendedDiagnosticSession)
            with pytest.raises(NegativeResponseException, match="SecurityAccessDenied"):
                client.io_control(0xE010, control_param=3, values=[b"\x00"])
            client.unlock_security_access(1)
            client.tester_present()
            client.io_control(0xE010, control_param=3, values=[b"\x00"])
            assert running.look().values["port.lock"] == "unlocked"
            client.io_control(0xE010, control_param=0)
            client.change_session(DiagnosticSessionControl.Session.defaultSession)
            with pytest.raises(NegativeResponseException, match="ConditionsNotCorrect"):
                client.change_session(DiagnosticSessionControl.Session.programmingSession)


def test_trouble_codes_are_read_and_cleared(car: Car) -> None:
    running, settings = car
    running.do("break position_sensor")
    until(lambda: running.look().values["port.lock"] == "fault")
    with tool(settings, PORT) as client:
        read = client.get_dtc_by_status_mask(0x09).service_data
        assert [(dtc.id, dtc.status.confirmed) for dtc in read.dtcs] == [(0x0D9E00, True)]
        assert client.get_number_of_dtc_by_status_mask(0xFF).service_data.dtc_count == 1
        assert len(client.get_supported_dtc().service_data.dtcs) == 5
        with pytest.raises(NegativeResponseException, match="ServiceNotSupportedInActiveSession"):
            client.clear_dtc()
        running.do("mend position_sensor")
        until(lambda: running.look().values["port.lock"] != "fault")
        client.change_session(3)
        client.clear_dtc()
        assert client.get_dtc_by_status_mask(0xFF).service_data.dtcs == []


def test_wrong_keys_and_unknown_things_are_refused_by_name(car: Car) -> None:
    with tool(car[1], PORT) as client:
        client.change_session(3)
        for name in ("InvalidKey", "InvalidKey", "ExceedNumberOfAttempts"):
            client.request_seed(1)
            with pytest.raises(NegativeResponseException, match=name):
                client.send_key(1, b"\0\0\0\0")
        with pytest.raises(NegativeResponseException, match="RequiredTimeDelayNotExpired"):
            client.request_seed(1)
        with pytest.raises(NegativeResponseException, match="RequestOutOfRange"):
            client.read_data_by_identifier(0x1234)
        with pytest.raises(NegativeResponseException, match=r"ServiceNotSupported\b"):
            client.ecu_reset(1)


def test_all_units_at_once_give_the_vin(car: Car) -> None:
    bus = can.Bus(interface="virtual", channel=car[1].channel)
    ask = can.Message(arbitration_id=0x7DF, is_extended_id=False, data=b"\x02\x09\x02\0\0\0\0\0")
    address = isotp.Address(MODES.Normal_11bits, txid=0x7E6, rxid=0x7EE)
    stack = isotp.CanStack(bus, address=address)
    bus.send(ask)
    answers: list[bytes] = []

    def heard() -> bool:
        stack.process()
        answers.extend(bytes(stack.recv()) for _ in range(stack.available()))
        return bool(answers)

    until(heard)
    bus.shutdown()
    assert answers == [b"\x49\x02\x01" + VIN.encode()]


def test_another_car_answers_the_reads_of_its_own_profile() -> None:
    with car_on_a_bus(vehicle="bmw-i3", behind_gateway=True) as (running, settings):
        running.do("plug_in")
        until(lambda: running.look().values["port.lock"] == "locked")
        with tool(settings, I3) as client:
            values = client.read_data_by_identifier(0xDEF0).service_data.values
    assert values[0xDEF0] == b"\x01\x01"


def test_a_broken_module_says_nothing_at_all(car: Car) -> None:
    running, settings = car
    running.do("break lock_module")
    until(lambda: any(h.what == "the lock's module stops sending" for h in running.look().happened))
    bus = can.Bus(interface="virtual", channel=settings.channel)
    bus.send(can.Message(arbitration_id=0x7E6, is_extended_id=False, data=b"\x02\x3e\0\0\0\0\0\0"))
    bus.send(can.Message(arbitration_id=0x18DA40F1, data=b"\x02\x3e\0\0\0\0\0\0"))
    heard: set[int] = set()

    def body_answers() -> bool:
        message = bus.recv(0.1)
        heard.update(() if message is None else (message.arbitration_id,))
        return 0x18DAF140 in heard

    until(body_answers)
    bus.shutdown()
    assert 0x7EE not in heard
    assert 0x4E0 not in heard
