"""The virtual car among strangers: the kernel's own ISO-TP asks it, and it keeps off used buses."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evdiag.asking import Asking
from evdiag.bus.opening import open_source
from evdiag.bus.settings import BusSettings
from evdiag.connecting import RecordingPlan, connected
from evdiag.vehicles.library import library
from tests.bus.scripted import until
from tests.socketcan.strangers import candump, cangen, cansend, evdiag

VIN = "EVD1AG0REFERENCE1"
PATIENCE_S = 120.0

PORT = ("-s", "7E6", "-d", "7EE")
CHARGER = ("-s", "6F1", "-d", "626", "-x", "26:F1")
BODY = ("-s", "18DA40F1", "-d", "18DAF140")


@contextmanager
def car_on(channel: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run `evdiag simulate` and wait until it is heard, on the other card where there is one."""
    heard_on = {"can0": "can1"}.get(channel, channel)
    source = open_source(BusSettings("socketcan", heard_on))
    process = evdiag("simulate", "-i", "socketcan", "-c", channel, *words)
    try:
        until(lambda: source.receive(0.2) or process.poll() is not None, PATIENCE_S)
        yield process
    finally:
        source.close()
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)


def ask(channel: str, unit: tuple[str, ...], request: str) -> bytes:
    """Ask with can-utils over the kernel's ISO-TP."""
    listener = subprocess.Popen(
        ["isotprecv", *unit, channel], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(1.0)
    subprocess.run(["isotpsend", *unit, channel], input=request, text=True, check=True)
    answer, _ = listener.communicate(timeout=PATIENCE_S)
    return bytes.fromhex(answer)


def test_the_kernels_isotp_gets_vin_and_identifiers_of_every_unit() -> None:
    with car_on("vcan0"):
        for unit in (PORT, CHARGER, BODY):
            assert ask("vcan0", unit, "22 F1 90") == b"\x62\xf1\x90" + VIN.encode()
        assert ask("vcan0", PORT, "22 E0 01") == b"\x62\xe0\x01" + bytes(8)
        assert ask("vcan0", CHARGER, "22 E1 02") == b"\x62\xe1\x02\x00\x02"
        assert ask("vcan0", BODY, "22 12 34") == b"\x7f\x22\x31"
        assert ask("vcan0", PORT, "3E 00") == b"\x7e\x00"


# -- evdiag asks a server that is not ours -------------------------------------------------------

SOL_CAN_ISOTP = 106
ISOTP_OPTS = 1
EXTEND_ADDR, TX_PADDING, RX_EXT_ADDR = 0x002, 0x004, 0x200
EFF = 0x8000_0000

DATA = {
    0xE001: bytes.fromhex("29 00 C8 00 00 00 00 00"),
    0xE101: bytes(8),
    0xE102: bytes(2),
    0xE201: bytes.fromhex("01 00 01 00"),
    0xE202: bytes(8),
    0xF190: VIN.encode(),
}


def isotp_socket(channel: str, hears: int, says: int, ext: tuple[int, int] | None) -> socket.socket:
    """Open the kernel's ISO-TP; `ext` are the addresses with which it says and hears."""
    made = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_ISOTP)
    flags = TX_PADDING | (EXTEND_ADDR | RX_EXT_ADDR if ext else 0)
    said, heard = ext or (0, 0)
    made.setsockopt(
        SOL_CAN_ISOTP, ISOTP_OPTS, struct.pack("=IIBBBB", flags, 0, said, 0xAA, 0xAA, heard)
    )
    made.settimeout(0.2)
    made.bind((channel, hears, says))
    return made


@contextmanager
def kernel_server(channel: str) -> Iterator[None]:
    """Answer reads in the reference car's stead, over the kernel's ISO-TP."""
    units = [
        isotp_socket(channel, 0x7E6, 0x7EE, None),
        isotp_socket(channel, 0x6F1, 0x626, (0xF1, 0x26)),
        isotp_socket(channel, 0x18DA40F1 | EFF, 0x18DAF140 | EFF, None),
    ]
    over = threading.Event()

    def serve(unit: socket.socket) -> None:
        while not over.is_set():
            try:
                request = unit.recv(4095)
            except TimeoutError:
                continue
            did = int.from_bytes(request[1:3], "big")
            unit.send(b"\x62" + request[1:3] + DATA[did])

    threads = [threading.Thread(target=serve, args=(unit,)) for unit in units]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
        for unit in units:
            unit.close()


def test_evdiags_polls_against_the_kernels_isotp(tmp_path: Path) -> None:
    plan = RecordingPlan(tmp_path)
    live = connected([BusSettings("socketcan", "vcan1")], "reference", plan)
    asking: Asking | None = None
    with kernel_server("vcan1"):
        live.start()
        try:
            asking = Asking(live, library().profile("reference"))
            asking.begin()
            until(lambda: asking.status().vin == VIN, PATIENCE_S)
            until(lambda: all(poll.answers for poll in asking.status().polls), PATIENCE_S)
            until(lambda: live.follower.look(lambda following: following.session), PATIENCE_S)
        finally:
            if asking is not None:
                asking.end()
            live.stop()
    said = {placed.change.signal: placed.change.new for placed in live.following.changes}
    assert said["port.lock"] == "locked"
    assert said["port.lock_current"] == 4.0
    assert said["vehicle.lock"] == "locked"


# -- a bus that may be real ----------------------------------------------------------------------


def test_it_refuses_a_bus_on_which_somebody_talks(tmp_path: Path) -> None:
    noise = cangen("can1", "-g", "50", "-I", "123", "-L", "8")
    try:
        with candump("can1", tmp_path) as seen:
            process = evdiag("simulate", "-i", "socketcan", "-c", "can0")
            _, said = process.communicate(timeout=PATIENCE_S)
    finally:
        noise.kill()
        noise.wait()
    assert process.returncode == 3
    assert "nothing was sent: frame 0x123 was heard on can0" in said
    assert {line.split()[2].split("#")[0] for line in seen.read_text().splitlines()} == {"123"}


def test_it_starts_on_a_quiet_bus_answers_testers_and_stops_at_a_stranger() -> None:
    with car_on("can0") as process:
        assert process.poll() is None
        assert ask("can1", PORT, "22 F1 90") == b"\x62\xf1\x90" + VIN.encode()
        assert process.poll() is None
        cansend("can1", "123#00")
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3
    assert "stopped: frame 0x123 of somebody else came in on can0" in said


@pytest.mark.parametrize("channel", ["vcan0"])
def test_a_stranger_on_a_loopback_does_not_stop_it(channel: str) -> None:
    with car_on(channel, "--seconds", "8") as process:
        cansend(channel, "123#00")
        cansend(channel, "4E0#0000000000000000")
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "another car sends frame 0x4E0 here, too" in said
