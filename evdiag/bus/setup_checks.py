"""The usual reasons why nothing is heard, one by one, each with the fix for this platform.

Nothing is sent to a bus. A serial port is asked what it is only where it was named, or where its
USB id says that an adapter is likely: bytes may mean anything to another device.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from evdiag.bus import socketcan
from evdiag.bus.adapters import adapters, unclaimed_usb
from evdiag.bus.drivers import missing_driver, needs
from evdiag.bus.faults import FaultWatch
from evdiag.bus.opening import open_source
from evdiag.bus.opening_faults import is_busy, permission_fix
from evdiag.bus.serial_ports import serial_ports
from evdiag.bus.settings import BusSettings
from evdiag.bus.slcan import ELM327_ADVICE, probe
from evdiag.bus.source import GarbledError
from evdiag.errors import BusError
from evdiag.inputs import BusEvent, BusEventKind
from evdiag.plain import plain_text

Status: TypeAlias = Literal["ok", "hint", "fault"]

LISTEN_S = 3.0
_LOAD_CAN = "sudo modprobe -a can can_raw"
_WIRELESS = ("udp_multicast", "virtual", "socketcand")
_ENOUGH_BUFFER = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and what to do about it (empty if nothing)."""

    about: str
    status: Status
    finding: str
    fix: str = ""


NO_ADAPTER: Final = Check(
    "adapter",
    "hint",
    "none is plugged in that this computer knows",
    "plug one in (docs/adapters/ says which fit, and what each needs) and run this again; "
    "`evdiag demo` and recordings need none",
)


def check_setup(buses: Sequence[BusSettings], listen_s: float = LISTEN_S) -> Iterator[Check]:
    """Look at the machine, then at each bus that was named, listening for `listen_s` seconds."""
    if sys.platform.startswith("linux"):
        yield from check_kernel()
        yield from check_interfaces(socketcan.interfaces())
        yield from check_usb()
    yield from check_serial_ports([bus.channel for bus in buses])
    if not buses and not adapters():
        yield NO_ADAPTER
    for bus in buses:
        missing = check_driver(bus)
        yield from check_bus(bus, listen_s) if missing is None else [missing]


def check_driver(bus: BusSettings) -> Check | None:
    """Say that what python-can needs for this interface is not installed; None where it is."""
    said = missing_driver(bus.interface)
    if said is None:
        return None
    finding = f"the driver for {plain_text(bus.interface)} is not installed here ({said})"
    return Check(bus.name, "fault", finding, needs(bus.interface))


def check_kernel() -> Iterator[Check]:
    """Say whether this kernel can do CAN, and how much it buffers."""
    release = platform.release()
    if Path("/proc/net/can").is_dir():
        yield Check("kernel", "ok", "CAN support is loaded")
    elif list(Path(f"/lib/modules/{release}/kernel/net/can").glob("can*.ko*")):
        yield Check("kernel", "hint", "CAN support is there but not loaded", _LOAD_CAN)
    else:
        yield Check(
            "kernel",
            "hint",
            f"the kernel {release} has no CAN modules, so SocketCAN cannot be used",
            "install the kernel's extra modules (linux-modules-extra on Ubuntu), or use the "
            "adapter's own interface or slcan, which need none",
        )
        return
    maximum = _number(Path("/proc/sys/net/core/rmem_max"))
    if maximum is not None and maximum < _ENOUGH_BUFFER and os.geteuid() != 0:
        yield Check(
            "receive buffer",
            "hint",
            f"the kernel lets a program buffer {maximum // 1024} KiB: a burst of more than about "
            f"{maximum // 800} frames can be lost",
            f"sudo sysctl -w net.core.rmem_max={socketcan.WANTED_BUFFER_BYTES}",
        )


def check_interfaces(found: list[socketcan.Interface]) -> Iterator[Check]:
    """Say which SocketCAN interfaces are down, not silent, or in trouble."""
    if not found:
        yield Check("SocketCAN", "hint", "there is no CAN interface (can0 …)", "")
    for each in found:
        name = plain_text(each.name)
        rate = each.bitrate or 500000
        if not each.up:
            yield Check(name, "fault", "the interface is down", each.up_command)
        elif each.state == "BUS-OFF":
            yield Check(
                name,
                "fault",
                "bus-off: the adapter gave up after too many errors; usual causes are a missing "
                "termination (60 Ω between CAN-H and CAN-L, power off), swapped wires, or a wrong "
                "bit rate in normal mode",
                f"{each.listen_only_command} restart-ms 100",
            )
        elif each.state in ("ERROR-PASSIVE", "ERROR-WARNING"):
            yield Check(
                name,
                "fault",
                f"{each.state.lower()} (errors: tx {each.tx_errors}, rx {each.rx_errors}): the bit "
                f"rate of {rate} may be wrong, or termination or wiring bad",
                f"{socketcan.restart_command(name, 250_000)} (or what this bus has)",
            )
        elif each.silence.state != "verified":
            yield Check(
                name,
                "hint",
                f"not silent on the wire: {each.silence.why}",
                each.listen_only_command,
            )
        else:
            yield Check(name, "ok", f"up, listen-only {each.silence}")


def check_usb() -> Iterator[Check]:
    """Name adapters that no driver has claimed."""
    for name, is_gs_usb in unclaimed_usb():
        driver = "gs_usb" if is_gs_usb else "peak_usb, kvaser_usb or mcba_usb"
        yield Check(
            "USB",
            "fault",
            f"{name} is plugged in and no driver has claimed it",
            f"sudo modprobe {driver.split(',')[0]}" + ("" if is_gs_usb else f" (one of {driver})"),
        )


def check_serial_ports(named: Sequence[str]) -> Iterator[Check]:
    """Say what stands behind the serial ports that may be adapters, and behind the named ones."""
    asked = {port.device: port.device if port.hint else None for port in serial_ports()}
    for channel in filter(_is_port, named):
        asked[channel.partition("@")[0]] = channel
    for device, channel_asked in asked.items():
        yield _check_port(device, channel_asked)


def check_bus(bus: BusSettings, listen_s: float) -> Iterator[Check]:
    """Open the named bus, listen, and say what the frames or their absence mean."""
    try:
        source = open_source(bus)
    except BusError as error:
        yield Check(bus.name, "fault", str(error))
        return
    yield Check(bus.name, "ok", f"opened, listen-only {source.silence}")
    counts = {"data": 0, "error": 0, "garbled": 0}
    events: list[BusEvent] = []
    watch = FaultWatch(bus.channel, time.monotonic())
    ends = time.monotonic() + listen_s
    try:
        while time.monotonic() < ends:
            try:
                frames = source.receive(0.1)
            except GarbledError:
                counts["garbled"] += 1
                continue
            errors = sum(frame.error for frame in frames)
            counts["error"] += errors
            counts["data"] += len(frames) - errors
            if frames:
                events += watch.frames(frames, time.monotonic())
    except BusError as error:
        yield Check(bus.name, "fault", str(error))
        return
    finally:
        source.close()
    kinds = {event.kind for event in events}
    yield judge(bus, listen_s, counts["data"], counts["error"], counts["garbled"], kinds)


def judge(
    bus: BusSettings,
    listen_s: float,
    data: int,
    errors: int,
    garbled: int,
    kinds: set[BusEventKind],
) -> Check:
    """Say what so many frames in so many seconds mean."""
    heard = f"{data} frames and {errors} error frames in {listen_s:g} s"
    rate = f"{bus.bitrate / 1000:g} kbit/s" if bus.bitrate else "the rate it is set to"
    if BusEventKind.BUS_OFF in kinds:
        return Check(
            bus.name,
            "fault",
            f"{heard}, then bus-off: no termination, swapped wires, or {rate} is wrong",
            "measure 60 Ω between CAN-H and CAN-L with the power off; try 500000, 250000, 125000",
        )
    if errors and not data:
        return Check(
            bus.name,
            "fault",
            f"{heard}: {rate} is not this bus's bit rate",
            "500000 at most OBD ports; 250000 and 125000 are next; only ever in listen-only mode",
        )
    if garbled and not data:
        return Check(
            bus.name,
            "fault",
            "bytes come that are no slcan: another device, or another speed of the serial line",
            "name the speed after the port: -c PORT@115200 (also 1000000, 2000000)",
        )
    if not data and not _has_wires(bus):
        return Check(
            bus.name,
            "hint",
            f"nothing heard in {listen_s:g} s: nobody sends there now",
            "start the sender, and compare its channel letter by letter: "
            f"{plain_text(bus.channel)}",
        )
    if not data:
        return Check(
            bus.name,
            "hint",
            f"nothing heard in {listen_s:g} s: the bus sleeps (switch the ignition on, open a "
            "door), the gateway keeps it from this port, or CAN-H and CAN-L are not connected",
            "at an OBD port pins 6 and 14; some cars answer there only when asked "
            "(`evdiag record --ask`)",
        )
    return Check(bus.name, "ok", heard)


def _check_port(device: str, channel: str | None) -> Check:
    """Ask what is there at `channel`, the device with the speed that was named; None: do not."""
    name = plain_text(device)
    if os.path.exists(device) and not os.access(device, os.R_OK | os.W_OK):
        return Check(name, "fault", "no permission to open it", permission_fix(device))
    if channel is None:
        return Check(name, "hint", "a serial port; not asked what it is", f"-c {name} asks it")
    try:
        adapter = probe(channel)
    except (OSError, ValueError) as error:
        if is_busy(error):
            return Check(name, "fault", "in use by another program", "close that one first")
        return Check(name, "fault", f"it cannot be opened: {plain_text(str(error))[:120]}")
    if adapter.kind == "elm327":
        return Check(name, "fault", f"{adapter.version}: this port {ELM327_ADVICE}")
    if adapter.kind == "slcan":
        return Check(name, "ok", f"an slcan adapter answers{_version(adapter.version)}")
    if adapter.kind == "mute":
        return Check(
            name,
            "hint",
            "nothing answers: another kind of device, or an slcan adapter that acknowledges "
            "nothing",
        )
    return Check(name, "hint", f"something answers that is no slcan: {adapter.version}")


def _has_wires(bus: BusSettings) -> bool:
    if bus.interface != "socketcan":
        return bus.interface not in _WIRELESS
    found = socketcan.interface(bus.channel)
    return found is None or not found.virtual


def _version(version: str) -> str:
    return f", version {version}" if version else ""


def _is_port(channel: str) -> bool:
    return channel.startswith(("/dev/", "COM", "com"))


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
