"""What python-can needs beside itself for each interface, and whether it is here.

Names of packages are those of python-can's own extras (4.6, its metadata); those of libraries are
what its classes load (`can/interfaces/`).
"""

from __future__ import annotations

import importlib
from ctypes.util import find_library
from typing import Final

from evdiag.plain import plain_text

_NEEDS: Final = {
    "gs_usb": '`pip install "python-can[gs-usb]"`, or the kernel\'s own driver on Linux',
    "canalystii": '`pip install "python-can[canalystii]"`',
    "cantact": '`pip install "python-can[cantact]"`',
    "neovi": '`pip install "python-can[neovi]"` and Intrepid\'s libicsneo',
    "nixnet": '`pip install "python-can[nixnet]"` and NI-XNET (Windows only)',
    "pcan": "install PEAK's PCAN-Basic",
    "kvaser": "install Kvaser's CANlib",
    "vector": "install Vector's XL Driver Library (Windows only)",
    "ixxat": "install HMS's VCI driver (Windows only)",
    "systec": "install SYS TEC's USB-CANmodul driver (Windows only)",
    "usb2can": "install 8devices' USB2CAN driver (Windows only); Linux has its own",
}

_LIBRARIES: Final = {"pcan": ("pcanbasic", "PCANBasic", "PCBUSB")}
"""The vendor's library under its names on Linux, Windows and macOS; one of them is enough."""

_SAID: Final = ("is not installed", "No module named", "library not found")


def needs(interface: str) -> str:
    """Return what is to be installed for an interface, as a clause."""
    return _NEEDS.get(interface, "python-can's page on this interface says what it needs")


def is_missing_driver(error: Exception) -> bool:
    """Tell whether opening failed since a package or a vendor's library is not there."""
    from can import CanInterfaceNotImplementedError

    # Where a library is missing, python-can's kvaser class meets names that were never bound.
    return isinstance(error, (CanInterfaceNotImplementedError, ImportError, NameError)) or any(
        words in str(error) for words in _SAID
    )


def missing_driver(interface: str) -> str | None:
    """Return what of an interface's driver is not there, None where nothing is known to be."""
    from can.interfaces import BACKENDS

    if interface in BACKENDS:
        try:
            importlib.import_module(BACKENDS[interface][0])
        except Exception as error:  # noqa: BLE001 - a driver that is half installed raises anything
            return plain_text(" ".join(str(error).split()))[:200]
    libraries = _LIBRARIES.get(interface)
    if libraries and not any(find_library(name) for name in libraries):
        return f"the library {libraries[0]} is not found"
    return None
