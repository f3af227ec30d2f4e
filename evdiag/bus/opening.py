"""Opening a bus: silent on the wire to listen, or with a transmitter where somebody armed it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from evdiag.bus import socketcan, socketcand
from evdiag.bus.listen_only import (
    Silence,
    expected_silence,
    joins_when_opened,
    listen_only_options,
    normal_options,
)
from evdiag.bus.multicast import hear_own_group_only
from evdiag.bus.opening_faults import in_words, no_such_interface
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Losses, Source
from evdiag.bus.transmitter import Transmitter
from evdiag.errors import BusError
from evdiag.plain import plain_text

log = logging.getLogger("evdiag.bus")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from can import BusABC

_SLCAN_SETTLE_S = 0.2
"""python-can waits 2 s for Arduino-like adapters to boot; a USB adapter that is one does not."""

_ECHOING = ("udp_multicast",)
"""Interfaces on which whoever sends hears itself."""


def open_source(settings: BusSettings) -> Source:
    """Open a bus to listen to, silent on the wire where the adapter can be.

    Raises:
        BusError: it cannot be opened; the sentence says what exists instead.
    """
    _check_first(settings)
    silence = expected_silence(settings.interface)
    if settings.interface == "slcan":
        from evdiag.bus.slcan import check_adapter

        silence = check_adapter(settings)
    options = listen_only_options(settings.interface)
    if settings.interface == "slcan" and silence.state == "not possible":
        options = normal_options("slcan")
    return _source(settings, _open(settings, options), silence)


def open_to_transmit(settings: BusSettings) -> tuple[Source, Transmitter]:
    """Open a bus in normal mode; return what listens to it and what can put frames on it.

    Only the transmit gate and the simulator ask for this.

    Raises:
        BusError: it cannot be opened, or it is an interface that is in listen-only mode.
    """
    _check_first(settings)
    if settings.interface == "socketcan":
        found = socketcan.interface(settings.channel)
        if found is not None and "LISTEN-ONLY" in found.modes:
            raise BusError(
                f"{plain_text(settings.channel)} is in listen-only mode, so nothing can be asked: `"
                + socketcan.restart_command(found.name, found.bitrate, "listen-only off")
                + "` lets it"
            )
    bus = _open(settings, normal_options(settings.interface))
    source = _source(settings, bus, Silence("not possible", "opened in normal mode to ask"))
    heard = source.expect_echo if settings.interface in _ECHOING else None
    return source, Transmitter(bus, on_transmitted=heard)


def _check_first(settings: BusSettings) -> None:
    """Refuse what would fail, or what would be a guess on somebody's bus."""
    if settings.interface == "socketcand":
        socketcand.check_server(settings)
    if settings.interface == "socketcan" and socketcan.is_missing(settings.channel):
        raise BusError(no_such_interface(settings.channel))
    if settings.interface == "socketcan" and socketcan.is_up(settings.channel) is False:
        # Binding would succeed, and a fault be kept for the first reading.
        raise BusError(_is_down(settings.channel))
    if settings.interface == "socketcan":
        _check_rates(settings)
    if joins_when_opened(settings.interface) and settings.bitrate is None:
        raise BusError(
            f"{plain_text(settings.interface)} cannot be silent and would disturb the bus at a "
            "wrong bit rate: name it with -b (500000 for most cars' ports)"
        )
    if settings.interface == "slcan" and settings.bitrate is None:
        raise BusError("slcan adapters need a bit rate: add -b 500000, or what this bus has")


def _check_rates(settings: BusSettings) -> None:
    """Refuse a rate that somebody typed and the interface does not run at: the kernel decides."""
    if settings.bitrate is None and settings.data_bitrate is None:
        return
    found = socketcan.interface(settings.channel)
    if found is None:
        return
    nominal, data = settings.bitrate or found.bitrate, settings.data_bitrate
    for what, runs, wanted in (
        ("", found.bitrate, nominal),
        ("its data bytes ", found.data_bitrate, data),
    ):
        if runs is not None and wanted is not None and runs != wanted:
            mode = "listen-only on" if data is None else f"dbitrate {data} fd on listen-only on"
            raise BusError(
                f"{plain_text(found.name)} runs {what}at {runs} bit/s, not {wanted}: "
                f"`{socketcan.restart_command(found.name, nominal, mode)}`"
            )


def _source(settings: BusSettings, bus: BusABC, silence: Silence) -> Source:
    read_losses = _losses_reader(settings, bus)
    if settings.interface == "socketcand":
        return Source(bus, settings.channel, silence, check=partial(socketcand.check_open, bus))
    if settings.interface != "socketcan":
        return Source(bus, settings.channel, silence, read_losses=read_losses)
    found = socketcan.interface(settings.channel)
    return Source(
        bus,
        settings.channel,
        silence if found is None else found.silence,
        read_losses=read_losses,
        check=partial(_check_interface, settings.channel),
    )


def _losses_reader(settings: BusSettings, bus: BusABC) -> Callable[[], Losses] | None:
    """Make room for a burst where a socket stands between; return what tells how much fell out."""
    end = _socket_of(settings, bus)
    if end is None:
        return None
    name, buffer_bytes = settings.channel, socketcan.raise_receive_buffer(end)
    lost_before = socketcan.lost_in_driver(name)

    def read_losses() -> Losses:
        adapter = None
        if settings.interface == "socketcan":
            adapter = max(0, socketcan.lost_in_driver(name) - lost_before)
        return Losses(socketcan.lost_in_socket(end), adapter, buffer_bytes)

    return read_losses


def _socket_of(settings: BusSettings, bus: BusABC) -> Any:
    """Return the socket behind a bus; None where there is none, or python-can hides it."""
    reached = {"socketcan": ("socket",), "udp_multicast": ("_multicast", "_socket")}
    end: Any = bus
    for name in reached.get(settings.interface, ("",)):
        end = getattr(end, name, None)
    return end


def _check_interface(name: str) -> None:
    up = socketcan.is_up(name)
    if up is None:
        raise BusError(f"the interface {plain_text(name)} is gone: was the adapter pulled out?")
    if not up:
        raise BusError(_is_down(name))


def _is_down(name: str) -> str:
    found = socketcan.interface(name)
    up = socketcan.up_command(name) if found is None else found.up_command
    return f"the interface {plain_text(name)} is down: `{up}`"


def _open(settings: BusSettings, mode: dict[str, Any]) -> BusABC:
    import can

    arguments: dict[str, Any] = {**settings.options, **mode}
    if settings.interface == "slcan":
        arguments.setdefault("sleep_after_open", _SLCAN_SETTLE_S)
    if settings.bitrate is not None and settings.interface != "socketcan":
        arguments["bitrate"] = settings.bitrate
    if settings.interface == "gs_usb" and settings.channel.isdecimal():
        # python-can compares what it is given with a count: it must not be the typed text.
        arguments.setdefault("index", int(settings.channel))
    if settings.fd:
        arguments["fd"] = True
    if settings.data_bitrate is not None and settings.interface != "socketcan":
        arguments["data_bitrate"] = settings.data_bitrate
    try:
        with _quiet_threads():
            bus: BusABC = can.Bus(
                channel=settings.channel, interface=settings.interface, **arguments
            )
    except Exception as error:
        # Drivers raise anything, down to ImportError.
        log.exception("opening %s failed", plain_text(str(settings.channel)))
        raise BusError(in_words(settings, error)) from None
    if settings.interface == "slcan" and "://" not in settings.channel:
        _lock(settings, bus)
    if settings.interface == "udp_multicast":
        hear_own_group_only(_socket_of(settings, bus))
    return bus


def _lock(settings: BusSettings, bus: BusABC) -> None:
    from evdiag.bus.slcan import lock_port

    try:
        lock_port(bus)
    except (OSError, ValueError) as error:
        bus.shutdown()
        raise BusError(in_words(settings, error)) from None


@contextmanager
def _quiet_threads() -> Iterator[None]:
    """Keep what a failed driver's destructor prints away from the person's screen."""
    before = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    try:
        yield
    finally:
        sys.unraisablehook = before
