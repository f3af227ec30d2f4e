"""Why a bus could not be opened, in one sentence that says what exists instead."""

from __future__ import annotations

import errno
import os
import sys

from evdiag.bus import socketcan
from evdiag.bus.drivers import is_missing_driver, needs
from evdiag.bus.settings import BusSettings
from evdiag.plain import plain_text

ON_LINUX: bool = sys.platform.startswith("linux")

SLCAN_BITRATES = (10000, 20000, 50000, 100000, 125000, 250000, 500000, 750000, 1000000)
"""LAWICEL S0 to S8."""


def in_words(settings: BusSettings, error: Exception) -> str:
    """Return what went wrong when `settings` were opened."""
    if is_missing_driver(error):
        # The name that python-can's class missed says nothing to a person.
        said = "" if isinstance(error, NameError) else f" ({_clause(error)})"
        name = plain_text(settings.interface)
        return f"the driver for {name} is not installed here{said}: {needs(settings.interface)}"
    if settings.interface == "socketcan":
        return _socketcan(settings, error)
    if settings.interface in ("slcan", "serial", "robotell", "seeedstudio"):
        return _serial(settings, error)
    name = f"{plain_text(settings.interface)} {plain_text(settings.channel)}"
    return f"{name} cannot be opened: {_clause(error)} (`evdiag doctor` looks for the cause)"


def _socketcan(settings: BusSettings, error: Exception) -> str:
    name = plain_text(settings.channel)
    code = getattr(error, "errno", None) or getattr(error, "error_code", None)
    if not ON_LINUX:
        return "socketcan is Linux only: use the adapter's own interface, or slcan (-i slcan)"
    if code in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EPROTOTYPE):
        return "this Linux kernel has no CAN support: `sudo modprobe -a can can_raw` loads it"
    if code in (errno.ENODEV, errno.ENXIO):
        return no_such_interface(settings.channel)
    if code == errno.ENETDOWN:
        return f"the interface {name} is down: `{socketcan.up_command(settings.channel)}`"
    return f"socketcan {name} cannot be opened: {_clause(error)}"


def no_such_interface(channel: str) -> str:
    """Return what is said of a SocketCAN interface that is not there."""
    there = [each.name for each in socketcan.interfaces()]
    listed = f"there is {plain_text(', '.join(there))}" if there else "there is none at all"
    name = plain_text(channel)
    return f"there is no CAN interface {name}: {listed} (`evdiag adapters` lists what is there)"


def _serial(settings: BusSettings, error: Exception) -> str:
    port = settings.channel.partition("@")[0]
    shown = plain_text(port)
    text = str(error)
    if "Invalid bitrate" in text:
        rates = ", ".join(str(rate) for rate in SLCAN_BITRATES)
        return f"slcan knows no bit rate {settings.bitrate}: it has {rates}"
    code = getattr(error, "error_code", None) or getattr(error, "errno", None)
    if code == errno.EACCES or "Permission denied" in text or _is_forbidden(port):
        return f"no permission to open {shown}: {permission_fix(port)}"
    if "No such file" in text or code == errno.ENOENT or "cannot find" in text.lower():
        from evdiag.bus.serial_ports import port_names

        ports = port_names()
        listed = f"there is {plain_text(', '.join(ports))}" if ports else "there is none at all"
        return f"there is no serial port {shown}: {listed}"
    if is_busy(error):
        return f"{shown} is in use by another program: close that one first"
    return f"{plain_text(settings.interface)} {shown} cannot be opened: {_clause(error)}"


def is_busy(error: Exception) -> bool:
    """Tell whether another program holds the serial port."""
    code = getattr(error, "error_code", None) or getattr(error, "errno", None)
    text = str(error)
    return code == errno.EBUSY or "busy" in text.lower() or "Could not exclusively lock" in text


def permission_fix(port: str) -> str:
    """Return how a person gets to open a serial port on this platform."""
    if ON_LINUX:
        group = "dialout"
        try:
            import grp

            group = grp.getgrgid(os.stat(port).st_gid).gr_name
        except (OSError, KeyError, ImportError):
            pass
        if group == "root":
            return "only root may open it"
        return f"`sudo usermod -aG {group} $USER`, then log in again"
    return "close other programs that use it, or run as administrator"


def _is_forbidden(port: str) -> bool:
    return os.path.exists(port) and not os.access(port, os.R_OK | os.W_OK)


def _clause(error: Exception) -> str:
    text = plain_text(str(error)).strip()
    return text[:200] or type(error).__name__
