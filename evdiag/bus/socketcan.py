"""What Linux knows of a SocketCAN interface, and of one socket's losses.

Read with iproute2's ``ip -details -json`` (the one tool that prints the netlink attributes of a
CAN device), from ``/sys/class/net`` and from the socket itself (SO_MEMINFO, Linux 4.12).
"""

from __future__ import annotations

import json
import shutil
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from evdiag.bus.listen_only import Silence
from evdiag.plain import plain_text

_ARPHRD_CAN = 280
_SO_RCVBUFFORCE = 33
_SO_MEMINFO = 55
_SK_MEMINFO_DROPS = 8
_NET = Path("/sys/class/net")
_VIRTUAL_NET = Path("/sys/devices/virtual/net")

WANTED_BUFFER_BYTES = 64 * 1024 * 1024
"""Holds a burst of 80,000 frames; the kernel's default of 208 KiB holds about 270 (measured)."""


@dataclass(frozen=True, slots=True)
class Interface:
    """A CAN interface of the kernel. Rates are bit/s; None is not known.

    `state` is the controller's: ``ERROR-ACTIVE``, ``ERROR-WARNING``, ``ERROR-PASSIVE``,
    ``BUS-OFF``, ``STOPPED``; empty where there is no controller. `modes` are its control modes.
    """

    name: str
    up: bool
    virtual: bool
    kind: str
    bitrate: int | None
    data_bitrate: int | None
    state: str
    modes: tuple[str, ...]
    tx_errors: int | None
    rx_errors: int | None
    restart_ms: int | None

    @property
    def silence(self) -> Silence:
        """Whether it is silent on the wire, read back from the kernel."""
        if self.virtual:
            return Silence("verified", "no controller: nothing is acknowledged")
        if "LISTEN-ONLY" in self.modes:
            return Silence("verified", "the kernel says LISTEN-ONLY")
        if not self.kind:
            return Silence("not possible", "`ip` is not installed: the mode cannot be read back")
        return Silence(
            "not possible",
            f"the interface is in normal mode: `{self.listen_only_command}` makes it silent",
        )

    @property
    def listen_only_command(self) -> str:
        """The commands (for root) that make it silent."""
        return restart_command(self.name, self.bitrate)

    @property
    def up_command(self) -> str:
        """The command (for root) that brings it up, silent."""
        return up_command(self.name, self.bitrate, virtual=self.virtual)

    @property
    def supports_fd(self) -> bool:
        """True where CAN FD frames can pass."""
        return self.virtual or "FD" in self.modes


def up_command(
    name: str, bitrate: int | None = None, mode: str = "listen-only on", *, virtual: bool = False
) -> str:
    """Return the command that brings an interface up at a bit rate, the usual one if unknown."""
    rate = "" if virtual else f" type can bitrate {bitrate or 500000} {mode}"
    return plain_text(f"sudo ip link set {name} up{rate}")


def restart_command(name: str, bitrate: int | None = None, mode: str = "listen-only on") -> str:
    """Return the commands that take an interface down and bring it up another way."""
    return f"sudo ip link set {plain_text(name)} down && {up_command(name, bitrate, mode)}"


def interfaces() -> list[Interface]:
    """Return the CAN interfaces of this machine, up or down, by name; none but on Linux."""
    if not sys.platform.startswith("linux") or not _NET.is_dir():
        return []
    names = sorted(path.name for path in _NET.iterdir() if _is_can(path))
    if not names:
        return []
    details = _details()
    return [_interface(name, details.get(name, {})) for name in names]


def interface(name: str) -> Interface | None:
    """Return one CAN interface, None where there is none of that name."""
    if not sys.platform.startswith("linux") or "/" in name or not _is_can(_NET / name):
        return None
    return _interface(name, _details(name).get(name, {}))


def is_missing(name: str) -> bool:
    """True where this Linux has no interface of that name; False where that cannot be told."""
    return _NET.is_dir() and (_NET / "lo").exists() and not (_NET / name / "type").exists()


def is_up(name: str) -> bool | None:
    """Say whether an interface is up; None where it is gone."""
    flags = _read(_NET / name / "flags")
    return None if flags is None else bool(int(flags, 16) & 1)


def lost_in_driver(name: str) -> int:
    """Return the frames that the adapter or its driver lost, as the kernel counts them."""
    counts = (_read(_NET / name / "statistics" / what) for what in ("rx_over_errors", "rx_dropped"))
    return sum(int(count) for count in counts if count)


def raise_receive_buffer(sock: socket.socket) -> int:
    """Make the socket's receive buffer hold a burst; return the bytes that were got.

    SO_RCVBUFFORCE needs CAP_NET_ADMIN; without it Linux caps at ``net.core.rmem_max``, and other
    systems refuse more than theirs (macOS: ``kern.ipc.maxsockbuf``), so less is asked for.
    """
    try:
        if not sys.platform.startswith("linux"):
            raise OSError
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, WANTED_BUFFER_BYTES)
    except OSError:
        _ask_for_buffer(sock, WANTED_BUFFER_BYTES)
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def lost_in_socket(sock: socket.socket) -> int:
    """Return the frames that did not fit into the socket's receive buffer; 0 where not known."""
    try:
        numbers = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 64)
    except OSError:
        # Another system, or a socket that was just closed.
        return 0
    if len(numbers) < (_SK_MEMINFO_DROPS + 1) * 4:
        return 0
    return int(struct.unpack_from("=I", numbers, _SK_MEMINFO_DROPS * 4)[0])


def _ask_for_buffer(sock: socket.socket, wanted: int) -> None:
    default = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    while wanted > default:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
        except OSError:
            wanted //= 2
        else:
            return


def _is_can(path: Path) -> bool:
    return _read(path / "type") == str(_ARPHRD_CAN)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None


def _details(name: str | None = None) -> dict[str, dict[str, object]]:
    ip = shutil.which("ip") or shutil.which("ip", path="/sbin:/usr/sbin")
    if ip is None:
        return {}
    command = [ip, "-details", "-json", "link", "show", *(["dev", name] if name else [])]
    try:
        said = subprocess.run(command, capture_output=True, timeout=5, check=True).stdout
        rows = json.loads(said or b"[]")
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}
    return {str(row["ifname"]): row for row in rows if isinstance(row, dict) and "ifname" in row}


def _interface(name: str, row: dict[str, object]) -> Interface:
    info = row.get("linkinfo")
    info = info if isinstance(info, dict) else {}
    data = info.get("info_data")
    data = data if isinstance(data, dict) else {}
    counters = data.get("berr_counter")
    counters = counters if isinstance(counters, dict) else {}
    kind = str(info.get("info_kind", ""))
    virtual = kind in ("vcan", "vxcan") or (not kind and _looks_virtual(name))
    return Interface(
        name=name,
        up=bool(is_up(name)),
        virtual=virtual,
        kind=kind,
        bitrate=_rate(data.get("bittiming")),
        data_bitrate=_rate(data.get("data_bittiming")),
        state="" if virtual else str(data.get("state", "")),
        modes=tuple(str(mode) for mode in _listed(data.get("ctrlmode"))),
        tx_errors=_number(counters.get("tx")),
        rx_errors=_number(counters.get("rx")),
        restart_ms=_number(data.get("restart_ms")),
    )


def _looks_virtual(name: str) -> bool:
    """Tell without `ip`: real interfaces can be renamed, and the kernel's slcan has no device."""
    return name.startswith(("vcan", "vxcan")) and (_VIRTUAL_NET / name).exists()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _rate(timing: object) -> int | None:
    return _number(timing.get("bitrate")) if isinstance(timing, dict) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
