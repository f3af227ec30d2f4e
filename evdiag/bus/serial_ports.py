"""Serial ports that are plugged in, and which known USB-CAN adapter each may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from evdiag.plain import plain_text

_SLCAN_IDS: Final = {
    (0xAD50, 0x60C4): "CANable with slcan firmware",
    (0x16D0, 0x117E): "CANable with slcan firmware",
    (0x1D50, 0x606F): "candleLight: use gs_usb or the kernel's driver, not its serial side",
    (0x0403, 0xFFA8): "LAWICEL CANUSB",
    (0x04D8, 0x000A): "USBtin",
    (0x1CBE, 0x02FC): "CAN Hacker",
}
"""USB ids by their makers' and python-can users' pages; a name is a hint, the reply decides."""

_ELM_LIKELY: Final = {(0x1A86, 0x7523), (0x0403, 0x6001), (0x0403, 0x6015), (0x10C4, 0xEA60)}
"""Serial chips (CH340, FTDI, CP210x) that sit in ELM327 cables and in home-made adapters alike."""


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A serial port. `hint` says what the USB id suggests; empty where it says nothing."""

    device: str
    description: str
    hint: str

    @property
    def line(self) -> str:
        """The port and what is known of it, plain."""
        return plain_text(f"{self.device} {self.description}".strip())


def serial_ports() -> list[SerialPort]:
    """Return the serial ports of this machine that are USB or Bluetooth, by name."""
    from serial.tools import list_ports

    found = []
    for port in sorted(list_ports.comports(), key=lambda port: str(port.device)):
        if port.vid is None and "bluetooth" not in str(port.description).lower():
            # The mainboard's own ports have nothing behind them, mostly.
            continue
        key = (port.vid, port.pid)
        hint = _SLCAN_IDS.get(key, "")
        if not hint and key in _ELM_LIKELY:
            hint = "a USB serial chip: slcan, or an ELM327 cable (`evdiag doctor` asks it)"
        found.append(SerialPort(str(port.device), _described(port), hint))
    return found


def port_names() -> list[str]:
    """Return the names of the serial ports."""
    return [port.device for port in serial_ports()]


def _described(port: object) -> str:
    product = getattr(port, "product", None) or getattr(port, "description", "") or ""
    maker = getattr(port, "manufacturer", None) or ""
    return f"{maker} {product}".strip().removesuffix("n/a").strip()
