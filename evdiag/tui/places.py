"""Where one can listen: adapters that were found and buses that were used before. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evdiag.plain import plain_text
from evdiag.tui.lines import Line, fit, wrap
from evdiag.tui.words import counted

if TYPE_CHECKING:
    from evdiag.bus.adapters import Adapter
    from evdiag.bus.settings import BusSettings
    from evdiag.recent import RecentBus

NOT_FOUND = "used before, not found now"
WITHOUT_HARDWARE = ("udp_multicast", "virtual")

BITRATES = (
    (500_000, "most OBD ports, and the buses behind them"),
    (250_000, "older cars, lorries, some comfort buses"),
    (125_000, "comfort buses"),
    (100_000, "comfort buses"),
    (83_333, "comfort buses (Daimler, Chrysler)"),
    (33_333, "single wire (GM)"),
    (1_000_000, "test benches"),
)
"""In bit/s, the likeliest first."""

RATE_HELP = (
    "500k at most OBD ports. In normal mode a wrong bit rate disturbs the bus, with no frame sent. "
    "Silence: the bus sleeps, or this is not its connector. Error frames and no data: the bit rate "
    "is wrong."
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place to listen at; `vehicle` is the car that was named there, None to recognise it.

    `adapter` is None where it was used before and is not found now.
    """

    settings: BusSettings
    adapter: Adapter | None
    used_before: bool = False
    vehicle: str | None = None

    @property
    def ready(self) -> bool:
        """False where something must be done first."""
        return self.adapter is not None and self.adapter.ready

    @property
    def state(self) -> str:
        """How it is, and what to do where it is not ready; plain."""
        return NOT_FOUND if self.adapter is None else plain_text(self.adapter.state)

    def at(self, bitrate: int) -> Place:
        """Return the same place at another bit rate."""
        return replace(self, settings=replace(self.settings, bitrate=bitrate))


def places(found: Sequence[Adapter], recent: Sequence[RecentBus]) -> list[Place]:
    """Return where to listen, what was used last first."""
    by_place = {(adapter.interface, adapter.channel): adapter for adapter in found}
    listed = []
    for bus in recent:
        adapter = by_place.pop((bus.settings.interface, bus.settings.channel), None)
        listed.append(Place(bus.settings, adapter, True, bus.vehicle))
    return [*listed, *(Place(adapter.settings, adapter) for adapter in by_place.values())]


def place_line(place: Place, width: int) -> Line:
    """Write one place."""
    name = fit(place.settings.name, max(20, width * 2 // 5))
    mark, tone = ("●", "free") if place.ready else ("○", "odd")
    words = "used last · " if place.used_before else ""
    if place.adapter is not None and place.adapter.description:
        words += f"{plain_text(place.adapter.description)} · "
    return [(f" {mark} ", tone), (f"{name}  ", "strong"), (f"{words}{place.state}", "quiet")]


def detail_lines(place: Place, vehicle: str, width: int) -> Iterator[Line]:
    """Write what a place can do, why it is not ready, and what is chosen for it."""
    if not place.ready:
        yield from ([(row, "odd")] for row in wrap(place.state, width))
    yield [
        ("bit rate     ", "quiet"),
        (rate_words(place.settings), "strong"),
        ("   car  ", "quiet"),
        (vehicle, "strong"),
    ]
    adapter = place.adapter
    if adapter is None:
        return
    for name, words in (
        ("listen-only  ", adapter.listen_only),
        ("bit rates    ", adapter.bitrates),
        ("CAN FD       ", f"{adapter.fd}; stamped by {adapter.timestamps}"),
    ):
        first, *rest = wrap(plain_text(words), width - len(name))
        yield [(name, "quiet"), (first, "")]
        yield from ([(" " * len(name) + row, "")] for row in rest)


def rate_words(settings: BusSettings) -> str:
    """Say how fast a bus is opened."""
    if settings.bitrate is not None:
        return f"{settings.bitrate / 1000:g} kbit/s"
    return "none needed" if settings.interface in WITHOUT_HARDWARE else "set at the interface"


def found_words(found: Sequence[Adapter]) -> str:
    """Say what was found."""
    real = [adapter for adapter in found if adapter.interface not in WITHOUT_HARDWARE]
    ready = sum(adapter.ready for adapter in real)
    if not real:
        return "no adapter found: `evdiag doctor` tells why"
    return f"{counted(len(real), 'adapter')} found, {ready} ready"
