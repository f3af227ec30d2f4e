"""Which adapter, which channel, how fast: what the person typed, then python-can's own settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from evdiag.errors import BusError
from evdiag.plain import plain_text

SOCKETCAND_PORT = 29536
"""The port that socketcand listens on unless it is told otherwise."""

_LISTED = ("socketcan", "slcan", "pcan", "kvaser", "vector", "gs_usb", "udp_multicast", "virtual")


@dataclass(frozen=True)
class BusSettings:
    """How one bus is opened, in python-can's words. Bit rates are in bit/s.

    `options` are further keyword arguments of the adapter's python-can class.
    """

    interface: str
    channel: str
    bitrate: int | None = None
    fd: bool = False
    data_bitrate: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The bus in words, plain: ``can0`` or ``slcan /dev/ttyACM0 500k``."""
        parts = [] if self.interface == "socketcan" else [self.interface]
        parts.append(self.channel)
        if self.bitrate:
            parts.append(f"{self.bitrate / 1000:g}k")
        return plain_text(" ".join(parts))

    @property
    def command_line(self) -> str:
        """The options that name this bus on evdiag's command line."""
        import shlex

        words = ["-i", self.interface, "-c", self.channel]
        words += ["-b", str(self.bitrate)] if self.bitrate else []
        words += ["--fd"] if self.fd else []
        words += ["--data-bitrate", str(self.data_bitrate)] if self.data_bitrate else []
        return plain_text(shlex.join(words))


def settings_of(
    interface: str | None,
    channel: str | None,
    bitrate: int | None = None,
    *,
    fd: bool = False,
    data_bitrate: int | None = None,
) -> BusSettings:
    """Fill in what was not typed from python-can's configuration file and environment.

    Raises:
        BusError: the interface is not one of python-can's, no channel is named anywhere, or the
            configuration cannot be read.
    """
    import configparser

    import can

    typed: dict[str, Any] = {"interface": interface, "channel": channel, "bitrate": bitrate}
    config = {key: value for key, value in typed.items() if value is not None}
    try:
        found = dict(can.util.load_config(config=config))
    except can.CanInterfaceNotImplementedError:
        raise BusError(_no_such_interface(interface)) from None
    except (
        # What python-can lets through of a torn file or of a CAN_CONFIG that is no object.
        *(ValueError, TypeError, AttributeError, OSError),
        *(configparser.Error, can.CanError),
    ) as error:
        said = plain_text(" ".join(str(error).split()))
        raise BusError(
            f"python-can's configuration (can.conf, .canrc, CAN_…) cannot be used: {said}"
        ) from None
    name = str(found.pop("interface"))
    place = found.pop("channel")
    if place is None:
        raise BusError(
            f"no channel is named for {plain_text(name)}: add -c CHANNEL "
            "(`evdiag adapters` lists what is plugged in)"
        )
    if name == "socketcand":
        place = _split_server(str(place), found)
    rate = found.pop("bitrate", None)
    fd = fd or bool(found.pop("fd", False))
    data_rate = data_bitrate or found.pop("data_bitrate", None)
    return BusSettings(
        name,
        str(place),
        None if rate is None else _bitrate(rate),
        fd,
        None if data_rate is None else _bitrate(data_rate),
        found,
    )


def _split_server(channel: str, options: dict[str, Any]) -> str:
    """Take ``can0@host:port`` apart, where the server is not in python-can's configuration."""
    name, _, server = channel.partition("@")
    if server:
        host, _, port = server.rpartition(":")
        options["host"] = host or server
        options["port"] = port if host else SOCKETCAND_PORT
    try:
        options["port"] = int(options.get("port", SOCKETCAND_PORT))
    except ValueError:
        raise BusError(f"{plain_text(channel)}: the port after the last : is no number") from None
    if "host" not in options:
        raise BusError("socketcand needs its server: -c can0@HOST or -c can0@HOST:PORT")
    return name


def _bitrate(value: Any) -> int:
    try:
        rate = int(value)
    except (TypeError, ValueError):
        rate = 0
    if not 1_000 <= rate <= 20_000_000:
        raise BusError(
            f"bit rate {plain_text(str(value))}: give it in bit/s, 500000 for most cars' ports"
        )
    return rate


def _no_such_interface(name: str | None) -> str:
    import can

    if name is None:
        return (
            "no interface is named: add -i INTERFACE -c CHANNEL "
            "(`evdiag adapters` lists what is plugged in)"
        )
    near = get_close_matches(name, can.VALID_INTERFACES, n=3) or list(_LISTED)
    return f"python-can has no interface {plain_text(name)!r}: there is {', '.join(near)}"
