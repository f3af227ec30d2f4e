"""Polls against a server that is not ours: can-isotp's own stack and udsoncan's own messages."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import can
import isotp
import pytest
from udsoncan import Request, Response
from udsoncan.services import ReadDataByIdentifier

from evdiag.bus.transmitter import Transmitter
from evdiag.control.asker import Asker
from evdiag.control.audit import AuditLog
from evdiag.control.gate import TransmitGate
from evdiag.control.policy import AskPolicy, Level
from evdiag.inputs import Block, Frame, Input, TransmitDecision
from evdiag.signals.columns import signal_events
from evdiag.signals.events import Changed, Refused
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.tracker import SignalTracker
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.library import databases, library
from evdiag.vehicles.offered import watch_of
from evdiag.vehicles.profile import Profile

REFERENCE = library().profile("reference")
PORT, CHARGER, BODY = REFERENCE.ecus()
CHANNELS: dict[str, str | int] = {"OBD": "can0"}
VIN = "EVD1AG0REFERENCE1"
PATIENCE_S = 30.0

MODES = {
    PORT: lambda: isotp.Address(isotp.AddressingMode.Normal_11bits, txid=0x7EE, rxid=0x7E6),
    CHARGER: lambda: isotp.Address(
        isotp.AddressingMode.Extended_11bits,
        txid=0x626,
        rxid=0x6F1,
        source_address=0x26,
        target_address=0xF1,
    ),
    BODY: lambda: isotp.Address(
        isotp.AddressingMode.Normal_29bits, txid=0x18DAF140, rxid=0x18DA40F1
    ),
}


class Stranger:
    """One control unit: can-isotp carries, udsoncan makes the words."""

    def __init__(self, bus: can.BusABC, ecu: Ecu, data: dict[int, bytes | int]) -> None:
        self._data = data
        self._stack = isotp.CanStack(bus, address=MODES[ecu](), params={"tx_padding": 0xAA})
        self.asked: list[bytes] = []

    def work(self) -> None:
        self._stack.process()
        if self._stack.available():
            payload = bytes(self._stack.recv() or b"")
            self.asked.append(payload)
            self._stack.send(self._answer(Request.from_payload(payload)))
            self._stack.process()

    def _answer(self, request: Request) -> bytes:
        if request.service is not ReadDataByIdentifier:
            return b"\x7f" + bytes((request.service.request_id(), 0x11))  # type: ignore[union-attr]
        did = int.from_bytes((request.data or b"")[:2], "big")
        found = self._data.get(did, 0x31)
        if isinstance(found, int):
            return Response(ReadDataByIdentifier, found).get_payload()
        return Response(ReadDataByIdentifier, 0, did.to_bytes(2, "big") + found).get_payload()


class Car:
    """Control units on a virtual bus, worked by a thread of their own."""

    def __init__(self, units: dict[Ecu, dict[int, bytes | int]]) -> None:
        self.channel = f"evdiag-{uuid.uuid4()}"
        self._buses = [self.bus() for _ in units]
        self.units = {
            ecu: Stranger(bus, ecu, data)
            for bus, (ecu, data) in zip(self._buses, units.items(), strict=True)
        }
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def bus(self) -> can.BusABC:
        return can.Bus(interface="virtual", channel=self.channel)

    def _work(self) -> None:
        while not self._over.wait(0.002):
            for unit in self.units.values():
                unit.work()

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()
            for bus in self._buses:
                bus.shutdown()


class Tool:
    """evdiag's side: a bus, the gate, and the one order of inputs."""

    def __init__(self, car: Car, path: Path, profile: Profile | None = REFERENCE) -> None:
        self.bus = car.bus()
        self.sends = 0
        self._send = self.bus.send
        self.bus.send = self._counted  # type: ignore[method-assign]
        self.journal: list[Input] = []
        self._lock = threading.Lock()
        policy = AskPolicy.vin_only("can0") if profile is None else AskPolicy.of(profile, CHANNELS)
        self.gate = TransmitGate(
            policy,
            lambda: {"can0": Transmitter(self.bus)},
            self._put,
            AuditLog(path / "audit.jsonl"),
            time.time_ns,
        )

    def _counted(self, *args: object, **options: object) -> None:
        self.sends += 1
        self._send(*args, **options)  # type: ignore[arg-type]

    def _put(self, items: object) -> None:
        with self._lock:
            self.journal += items  # type: ignore[operator]

    def take(self, timeout_s: float = 0.0) -> list[Input]:
        received: list[Input] = []
        message = self.bus.recv(timeout_s)
        while message is not None:
            received.append(
                Frame(
                    time.time_ns(),
                    "can0",
                    message.arbitration_id,
                    message.is_extended_id,
                    bytes(message.data),
                    direction="rx",
                )
            )
            message = self.bus.recv(0)
        self._put(received)
        return received

    def close(self) -> None:
        self.bus.shutdown()

    @property
    def frames(self) -> list[Frame]:
        with self._lock:
            return [item for item in self.journal if isinstance(item, Frame)]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.01)


PORT_LOCK = bytes.fromhex("29 00 C8 00 00 00 00 00")
"""Locked (bits 0-2 are 1), told to lock (3-4), plug connected (5-6), 200 x 0.02 A."""


@pytest.fixture
def car() -> Iterator[Car]:
    made = Car(
        {
            PORT: {0xE001: PORT_LOCK, 0xF190: VIN.encode()},
            CHARGER: {0xE101: bytes(7), 0xE102: 0x33},
            BODY: {0xE201: b"\x01\x00\x01\x00", 0xE202: bytes(8)},
        }
    )
    with made.running():
        yield made


@pytest.fixture
def tool(car: Car, tmp_path: Path) -> Iterator[Tool]:
    made = Tool(car, tmp_path)
    yield made
    made.close()


def test_every_way_of_addressing_is_answered(car: Car, tool: Tool) -> None:
    asker = Asker(REFERENCE, CHANNELS, tool.gate, tool, read_vin=True)
    asker.start()
    try:
        until(
            lambda: all(
                poll.answers >= 2 or poll.name == "charge_status" for poll in asker.status().polls
            )
        )
        status = asker.status()
    finally:
        asker.leave()
    assert status.level is Level.ASK
    assert status.vin == VIN
    assert status.warnings == REFERENCE.diagnostic_warnings
    (charge,) = [poll for poll in status.polls if poll.name == "charge_status"]
    assert charge.stopped.startswith("SecurityAccessDenied (0x33)")
    assert charge.answers == 0
    assert car.units[CHARGER].asked.count(b"\x22\xe1\x02") == 1

    layout = REFERENCE.layouts[0]
    watch = watch_of(REFERENCE, layout, databases(REFERENCE, layout), CHANNELS)
    tracker = SignalTracker(watch)
    live = [event for frame in tool.frames for event in tracker.frame(frame)]
    said = {watch.signals[e.watched].name: e.value for e in live if isinstance(e, Changed)}
    assert said["port.lock"] == "locked"
    assert said["port.lock_command"] == "lock"
    assert said["port.plug"] == "connected"
    assert said["port.lock_current"] == 4.0
    assert said["vehicle.lock"] == "locked"
    assert said["port.unlock_request"] == "active"
    assert "charge.active" not in said
    assert [e[1:] for e in live if isinstance(e, Refused)] == [("charge_status", 0x33)]
    batch = [
        event for _, event in signal_events(Excerpt.whole(Block.from_frames(tool.frames)), watch)
    ]
    assert batch == live


def test_after_leaving_nothing_is_sent(tool: Tool) -> None:
    asker = Asker(REFERENCE, CHANNELS, tool.gate, tool)
    asker.start()
    until(lambda: tool.sends > 5)
    asker.leave()
    sends = tool.sends
    assert asker.status().level is Level.LISTEN
    time.sleep(0.5)
    assert tool.sends == sends
    assert len([f for f in tool.frames if f.direction == "tx"]) == sends
    asker.leave()


def test_leaving_the_gate_ends_the_asking(tool: Tool) -> None:
    asker = Asker(REFERENCE, CHANNELS, tool.gate, tool)
    asker.start()
    until(lambda: tool.sends > 0)
    tool.gate.leave()
    sends = tool.sends
    asker.leave()
    assert tool.sends == sends


def test_below_ask_polling_sends_nothing(car: Car, tool: Tool) -> None:
    from evdiag.control.polling import Polling

    polling = Polling(REFERENCE, CHANNELS, tool.gate.transmit)
    for second in range(100):
        polling.due(second * 1_000_000_000)
    assert tool.sends == 0
    assert not any(unit.asked for unit in car.units.values())
    decisions = [item for item in tool.journal if isinstance(item, TransmitDecision)]
    assert decisions
    assert not any(decision.permitted for decision in decisions)
    assert tool.frames == []


def test_the_vin_alone_needs_no_profile(tmp_path: Path) -> None:
    engine = Ecu("", 0x7E0, 0x7E8)
    MODES[engine] = lambda: isotp.Address(
        isotp.AddressingMode.Normal_11bits, txid=0x7E8, rxid=0x7E0
    )
    car = Car({engine: {}})
    listener = isotp.CanStack(
        car.bus(),
        address=isotp.Address(isotp.AddressingMode.Normal_11bits, txid=0x7E8, rxid=0x7DF),
    )
    answering = car.units[engine]._stack

    def work() -> None:
        listener.process()
        if listener.available() and listener.recv() == b"\x09\x02":
            answering.send(b"\x49\x02\x01" + VIN.encode())
        answering.process()

    car.units[engine].work = work  # type: ignore[method-assign]
    tool = Tool(car, tmp_path, None)
    with car.running():
        asker = Asker(None, {}, tool.gate, tool, read_vin=True)
        asker.start()
        until(lambda: not asker.status().reading_vin)
        status = asker.status()
        asker.leave()
    tool.close()
    listener.bus.shutdown()
    assert status.vin == VIN
    assert status.polls == ()
