"""Who else is on the bus of a virtual car: it must never talk where a real one might.

On `virtual` and loopback interfaces a virtual car may always send. On any other it listens first,
and it stops at the first frame of somebody else that does not ask it something.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from evdiag.bus import socketcan
from evdiag.bus.opening import open_source, open_to_transmit
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import GarbledError, Source
from evdiag.bus.transmitter import Transmitter
from evdiag.errors import RefusedError
from evdiag.inputs import Frame, id_text
from evdiag.simulator.wire_car import WireCar

LISTENS_FIRST_S = 2.0

_LOOPBACKS = ("virtual", "udp_multicast")
_RECEIVE_S = 0.1


def is_loopback(settings: BusSettings) -> bool:
    """Tell whether no controller is behind this bus: nothing of it can reach a car."""
    if settings.interface in _LOOPBACKS:
        return True
    if settings.interface != "socketcan":
        return False
    found = socketcan.interface(settings.channel)
    return found is not None and found.virtual


def open_for_car(
    settings: BusSettings, *, listens_s: float = LISTENS_FIRST_S
) -> tuple[Source, Transmitter]:
    """Open a bus for a virtual car; one that may be real is listened to before anything is sent.

    Raises:
        BusError: it cannot be opened.
        RefusedError: somebody talks there.
    """
    if not is_loopback(settings):
        _listen_first(settings, listens_s)
    return open_to_transmit(_kept_here(settings))


class Neighbours:
    """Judges every frame that the virtual car hears."""

    def __init__(self, settings: BusSettings, car: WireCar, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._loopback = is_loopback(settings)
        self._car = car
        self._say = say
        self._said = False

    def heard(self, frames: Sequence[Frame]) -> None:
        """Look at frames of others.

        Raises:
            RefusedError: the bus is not a loopback, and one of them is foreign or an error frame.
        """
        for frame in frames:
            if self._car.is_request(frame):
                continue
            if not self._loopback:
                what = "a bus error" if frame.error else f"{_named(frame)} of somebody else"
                raise RefusedError(
                    f"stopped: {what} came in on {self._settings.name}; a virtual car talks only "
                    "where it is alone"
                )
            if frame.error:
                continue
            if self._car.is_mine(frame) and not self._said:
                self._said = True
                self._say(f"another car sends {_named(frame)} here, too: two cars on one bus")


def _kept_here(settings: BusSettings) -> BusSettings:
    """Let no packet of a virtual car leave this machine; programs on it hear it all the same."""
    if settings.interface != "udp_multicast":
        return settings
    return replace(settings, options={**settings.options, "hop_limit": 0})


def _listen_first(settings: BusSettings, listens_s: float) -> None:
    source = open_source(settings)
    try:
        ends_s = time.monotonic() + listens_s
        while time.monotonic() < ends_s:
            for frame in _received(source, settings):
                what = "bus errors were" if frame.error else f"{_named(frame)} was"
                raise RefusedError(
                    f"nothing was sent: {what} heard on {settings.name}, so somebody uses it; a "
                    "virtual car talks only where it is alone, or on vcan, udp_multicast, virtual"
                )
    finally:
        source.close()


def _received(source: Source, settings: BusSettings) -> list[Frame]:
    try:
        return source.receive(_RECEIVE_S)
    except GarbledError as error:
        raise RefusedError(
            f"nothing was sent: {settings.name} gives what is no frame ({error}), so somebody may "
            "use it at another bit rate"
        ) from None


def _named(frame: Frame) -> str:
    return f"frame {id_text(frame.id, frame.extended)}"
