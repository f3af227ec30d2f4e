"""Values of the vocabulary into the bytes of one message, page by page where it has pages."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress

from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.signals.encoding import put
from evdiag.signals.watch import WatchedSignal
from evdiag.simulator.encoding import raw_of
from evdiag.vocabulary import Value

NOISE = {
    "port.inlet_voltage": 0.4,
    "port.inlet_current": 0.15,
    "vehicle.supply_voltage": 0.05,
}
"""By how much a measured value wavers, in its own unit."""


class Payload:
    """The data of one message: what it says of the port, and zeros for everything else.

    A value for which this car has no word leaves the signal at the one before it: a module that
    only knows *lock* and *unlock* goes on saying what it was told last. `layout` is the message's
    own, None where nothing of it is known; it tells the switches of multiplexer pages.
    """

    def __init__(
        self, length: int, signals: Sequence[WatchedSignal], layout: MessageLayout | None
    ) -> None:
        self._length = length
        self._pages = _pages(signals, layout)
        self._page = 0

    def data(
        self,
        values: Mapping[str, Value],
        before: Mapping[str, Value],
        noise: random.Random | None = None,
    ) -> bytes:
        """Return the data of the page whose turn it is; `noise` lets what is measured waver."""
        switches, signals = self._pages[self._page]
        data = bytearray(self._length)
        for switch, page in switches:
            put(data, switch, page)
        for watched in signals:
            value = values.get(watched.name)
            if value is not None:
                wavering = _wavering(watched.name, value, noise)
                raw = _raw(watched, (wavering, before.get(watched.name)))
                put(data, watched.signal.layout, raw)
        return bytes(data)

    def turn_page(self) -> None:
        """Let the next page have its turn."""
        self._page = (self._page + 1) % len(self._pages)


_Page = tuple[list[tuple[SignalLayout, int]], list[WatchedSignal]]


def _raw(watched: WatchedSignal, values: Sequence[Value | None]) -> int:
    """Return the raw value of the first of these for which this car has one; 0 where of none."""
    for value in values:
        if value is not None:
            with suppress(ValueError):
                return raw_of(watched, value)
    return 0


def _wavering(name: str, value: Value, noise: random.Random | None) -> Value:
    if noise is None or name not in NOISE or float(value) <= 0:
        return value
    return max(0.0, float(value) + (noise.random() * 2 - 1) * NOISE[name])


def _pages(signals: Sequence[WatchedSignal], layout: MessageLayout | None) -> list[_Page]:
    """Sort signals onto the pages that they are on; what is on none is on every one."""
    plain = [watched for watched in signals if not watched.signal.layout.conditions]
    paged: dict[tuple[tuple[str, int], ...], list[WatchedSignal]] = {}
    for watched in signals:
        conditions = watched.signal.layout.conditions
        if conditions:
            page = tuple((condition.switch, condition.ranges[0][0]) for condition in conditions)
            paged.setdefault(page, []).append(watched)
    switches = {} if layout is None else {signal.name: signal for signal in layout.signals}
    return [
        ([(switches[name], raw) for name, raw in page if name in switches], [*plain, *listed])
        for page, listed in paged.items()
    ] or [([], plain)]
