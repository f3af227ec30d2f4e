"""Links that break under evdiag: noticed within two seconds, written down, survived."""

import subprocess
import time
from pathlib import Path

from evdiag.bus.link import Link
from evdiag.bus.opening import open_source
from evdiag.bus.settings import BusSettings
from evdiag.inputs import BusEvent, BusEventKind, Frame
from tests.bus.scripted import Collected, until
from tests.socketcan.conftest import ip
from tests.socketcan.strangers import cansend

CUTS = 20
NOTICED_S = 2.0


def kinds(got: Collected) -> list[BusEventKind]:
    return [item.kind for item in got.items if isinstance(item, BusEvent)]


def count(got: Collected, kind: BusEventKind) -> int:
    return kinds(got).count(kind)


def test_a_link_cut_and_restored_twenty_times() -> None:
    got = Collected()
    link = Link(BusSettings("socketcan", "vcan1"), got, open_source)
    link.start()
    slowest = 0.0
    for cut in range(1, CUTS + 1):
        ip("link", "set", "vcan1", "down")
        began = time.monotonic()
        until(lambda cut=cut: count(got, BusEventKind.LOST) >= cut, 30)
        slowest = max(slowest, time.monotonic() - began)
        ip("link", "set", "vcan1", "up")
        until(lambda cut=cut: count(got, BusEventKind.UP) >= cut + 1, 30)
        cansend("vcan1", f"123#{cut:02X}")
        until(lambda cut=cut: sum(isinstance(i, Frame) for i in got.items) == cut, 30)
    assert link.state.reconnects == CUTS
    link.stop()
    assert slowest < NOTICED_S
    lost = [i for i in got.items if isinstance(i, BusEvent) and i.kind is BusEventKind.LOST]
    assert all("down" in event.detail for event in lost)


def test_a_pulled_adapter_is_gone_in_words_and_welcome_back() -> None:
    driver = Path("/sys/bus/pci/drivers/kvaser_pci")
    device = sorted(path.name for path in driver.iterdir() if ":" in path.name)[-1]
    got = Collected()
    link = Link(BusSettings("socketcan", "can1"), got, open_source)
    link.start()
    until(lambda: count(got, BusEventKind.UP) == 1)
    (driver / "unbind").write_text(device)
    began = time.monotonic()
    until(lambda: count(got, BusEventKind.LOST) == 1, 30)
    assert time.monotonic() - began < NOTICED_S
    (driver / "bind").write_text(device)
    subprocess.run(
        "ip link set can1 txqueuelen 1000; ip link set can1 up type can bitrate 500000",
        shell=True,
        check=True,
    )
    until(lambda: count(got, BusEventKind.UP) == 2, 30)
    cansend("can0", "123#55")
    until(lambda: any(isinstance(item, Frame) for item in got.items), 30)
    link.stop()


def test_silence_bus_off_and_passive_are_said_in_words() -> None:
    got = Collected()
    link = Link(BusSettings("socketcan", "vcan0"), got, open_source)
    link.start()
    until(lambda: count(got, BusEventKind.SILENT) == 1, 30)
    cansend("vcan0", "20000004#0020000000000580")
    cansend("vcan0", "20000040#0000000000000000")
    until(lambda: count(got, BusEventKind.BUS_OFF) == 1, 30)
    assert BusEventKind.HEARD in kinds(got)
    assert BusEventKind.ERROR_PASSIVE in kinds(got)
    link.stop()


def test_what_the_kernels_own_slcan_driver_passes_on_is_heard() -> None:
    """slcan through the kernel: a tty pair, slcand on one end, frames typed at the other."""
    pair = subprocess.Popen(
        ["socat", "PTY,link=/dev/ttyEvA,raw,echo=0", "PTY,link=/dev/ttyEvB,raw,echo=0"]
    )
    until(Path("/dev/ttyEvA").exists)
    daemon = subprocess.Popen(["slcand", "-o", "-s6", "-F", "ttyEvA", "slcan9"])
    until(Path("/sys/class/net/slcan9").exists, 30)
    ip("link", "set", "slcan9", "up")
    source = open_source(BusSettings("socketcan", "slcan9"))
    with open("/dev/ttyEvB", "wb", buffering=0) as line:
        line.write(b"t3B42AABB\rT18DAF1DA10F\r")
        frames: list[Frame] = []
        until(lambda: frames.extend(source.receive(0.2)) or len(frames) >= 2, 30)
    assert [(f.id, f.extended, f.data) for f in frames] == [
        (0x3B4, False, b"\xaa\xbb"),
        (0x18DAF1DA, True, b"\x0f"),
    ]
    source.close()
    daemon.terminate()
    daemon.wait()
    pair.terminate()
    pair.wait()
