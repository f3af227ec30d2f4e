"""The adapters that are plugged in, and what each can do."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evdiag.bus import socketcan
from evdiag.bus.listen_only import expected_silence
from evdiag.bus.serial_ports import serial_ports
from evdiag.bus.settings import BusSettings
from evdiag.plain import plain_text

_DETECTED: Final = ("pcan", "kvaser", "vector", "ixxat", "nixnet", "systec", "neovi", "cantact")
"""Interfaces whose python-can class can list what is plugged in, without waiting."""

_ANY_RATE = "any the controller can divide to"
_TRAITS: Final = {
    "socketcan": ("where the controller has it", _ANY_RATE + ", set with `ip link`", "kernel"),
    "slcan": ("no", "10k 20k 50k 100k 125k 250k 500k 750k 1M", "this computer"),
    "pcan": ("PCAN-FD models", "5k to 1M", "adapter"),
    "kvaser": ("FD models", "10k to 1M", "adapter"),
    "vector": ("FD models", _ANY_RATE, "adapter"),
    "gs_usb": ("no", _ANY_RATE, "adapter"),
    "virtual": ("yes", "none: one process only", "this computer"),
    "udp_multicast": ("yes", "none: a network, not a bus", "this computer"),
}
"""CAN FD, bit rates and who stamps the frames, per interface (python-can 4.6)."""

_USB: Final = {
    ("1d50", "606f"): "candleLight or CANable (gs_usb)",
    ("1209", "2323"): "candleLight (gs_usb)",
    ("1cd2", "606f"): "CES CANext FD (gs_usb)",
    ("16d0", "10b8"): "ABE CANdebugger FD (gs_usb)",
    ("0c72", "000c"): "PEAK PCAN-USB",
    ("0c72", "000d"): "PEAK PCAN-USB Pro",
    ("0c72", "0012"): "PEAK PCAN-USB FD",
    ("0bfd", "0120"): "Kvaser Leaf Light v2",
    ("04d8", "0a30"): "Microchip CAN Bus Analyzer",
}
"""USB ids that Linux's own CAN drivers claim (`drivers/net/can/usb`)."""

_GS_USB = frozenset(key for key, name in _USB.items() if "gs_usb" in name)


@dataclass(frozen=True, slots=True)
class Adapter:
    """One place to listen at. Texts are plain; `command` is what opens it.

    `ready` is false where something must be done first; `state` says what.
    """

    interface: str
    channel: str
    description: str
    listen_only: str
    fd: str
    bitrates: str
    timestamps: str
    ready: bool
    state: str
    command: str

    @property
    def settings(self) -> BusSettings:
        """How it is opened, at the usual bit rate where it needs one."""
        return _usual(self.interface, self.channel)


def adapters() -> list[Adapter]:
    """Return what is plugged in, the readiest first; never raises for a missing driver."""
    found = [_of_socketcan(each) for each in socketcan.interfaces()]
    found += [
        _adapter("slcan", port.device, f"{port.line.removeprefix(port.device)} {port.hint}")
        for port in serial_ports()
    ]
    found += _detected_by_python_can()
    return sorted(found, key=lambda adapter: not adapter.ready)


def for_trying_out() -> list[Adapter]:
    """Return the interfaces that need no hardware."""
    return [
        _adapter("udp_multicast", "239.74.163.2", "several programs on one machine or network"),
        _adapter("virtual", "demo", "inside one program, for tests: `evdiag demo` needs none"),
    ]


def unclaimed_usb() -> list[tuple[str, bool]]:
    """Return known CAN adapters on USB that no driver of this Linux has claimed.

    Each is (name, whether it is a gs_usb one).
    """
    root = Path("/sys/bus/usb/devices")
    if not root.is_dir():
        return []
    found = []
    for device in sorted(root.iterdir()):
        key = (_text(device / "idVendor"), _text(device / "idProduct"))
        if key in _USB and not list(device.glob("*/net/*")):
            found.append((_USB[key], key in _GS_USB))
    return found


def _usual(interface: str, channel: str) -> BusSettings:
    rateless = interface in ("socketcan", "udp_multicast", "virtual")
    return BusSettings(interface, channel, None if rateless else 500_000)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _of_socketcan(found: socketcan.Interface) -> Adapter:
    fd, rates, stamps = _TRAITS["socketcan"]
    if found.virtual:
        rates, what = "none: virtual", "virtual interface"
    else:
        rate = f" at {found.bitrate // 1000} kbit/s" if found.bitrate else ""
        what = f"{found.kind or 'CAN'} interface{rate}"
    state = "ready" if found.up else f"down: `{found.up_command}`"
    if found.up and found.state in ("BUS-OFF", "ERROR-PASSIVE"):
        state = f"{found.state.lower()}: check bit rate, termination and wiring"
    settings = BusSettings("socketcan", found.name)
    return Adapter(
        "socketcan",
        plain_text(found.name),
        plain_text(what),
        str(found.silence),
        "yes" if found.supports_fd else fd if not found.kind else "no",
        rates,
        stamps,
        found.up,
        plain_text(state),
        f"evdiag connect {settings.command_line}",
    )


def _adapter(interface: str, channel: str, description: str) -> Adapter:
    fd, rates, stamps = _TRAITS.get(interface, ("see its manual", "see its manual", "adapter"))
    return Adapter(
        interface,
        plain_text(channel),
        plain_text(description).strip(),
        str(expected_silence(interface)),
        fd,
        rates,
        stamps,
        True,
        "ready",
        f"evdiag connect {_usual(interface, channel).command_line}",
    )


def _detected_by_python_can() -> list[Adapter]:
    import can

    logging.getLogger("can").setLevel(logging.CRITICAL)
    found = []
    for interface in _DETECTED:
        if interface == "ixxat" and sys.platform != "win32":
            continue
        try:
            configs = can.detect_available_configs(interfaces=[interface])
        except Exception:  # noqa: BLE001 - a driver that is half installed raises anything
            continue
        for config in configs:
            channel = str(config.get("channel", ""))
            name = str(config.get("device_name") or config.get("hw_name") or "")
            found.append(_adapter(interface, channel, name))
    return found
