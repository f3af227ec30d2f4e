"""What is wrong with the links right now: it goes when the trouble goes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evdiag.inputs import BusEvent, BusEventKind, Channel

PASSING_NS: Final = 10_000_000_000
"""How long a trouble that is over at once is still told."""

_ENDS: Final[dict[BusEventKind, frozenset[BusEventKind]]] = {
    BusEventKind.UP: frozenset(BusEventKind),
    BusEventKind.HEARD: frozenset({BusEventKind.SILENT, BusEventKind.WRONG_BITRATE}),
    BusEventKind.ERROR_ACTIVE: frozenset({BusEventKind.BUS_OFF, BusEventKind.ERROR_PASSIVE}),
    BusEventKind.BUS_OFF: frozenset({BusEventKind.ERROR_PASSIVE}),
    BusEventKind.LOST: frozenset(BusEventKind) - {BusEventKind.FRAMES_LOST},
}
"""Which troubles of a channel are over with an event."""

_WORST_FIRST: Final = (
    BusEventKind.LOST,
    BusEventKind.BUS_OFF,
    BusEventKind.WRONG_BITRATE,
    BusEventKind.FRAMES_LOST,
    BusEventKind.ERROR_PASSIVE,
    BusEventKind.DRIVER_ERROR,
    BusEventKind.SILENT,
)
_PASSING: Final = (BusEventKind.FRAMES_LOST, BusEventKind.DRIVER_ERROR)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong with a channel, since when (a place on the axis, ns), in words.

    `count` adds up the frames that were lost.
    """

    channel: Channel
    kind: BusEventKind
    since_ns: int
    detail: str
    count: int = 0


class Troubles:
    """Follows bus events; times are places on the axis in nanoseconds."""

    def __init__(self) -> None:
        self._known: dict[tuple[Channel, BusEventKind], Trouble] = {}
        self._last_ns: dict[tuple[Channel, BusEventKind], int] = {}

    def take(self, event: BusEvent, now_ns: int) -> None:
        """Take an event."""
        for kind in _ENDS.get(event.kind, ()):
            self._known.pop((event.channel, kind), None)
        if event.kind in _WORST_FIRST:
            place = (event.channel, event.kind)
            before = self._known.get(place)
            since_ns = now_ns if before is None else before.since_ns
            count = event.count + (0 if before is None else before.count)
            self._known[place] = Trouble(event.channel, event.kind, since_ns, event.detail, count)
            self._last_ns[place] = now_ns

    def now(self, now_ns: int) -> Sequence[Trouble]:
        """Return what is wrong, the worst first."""
        for place, last_ns in list(self._last_ns.items()):
            if place[1] in _PASSING and now_ns - last_ns > PASSING_NS:
                self._known.pop(place, None)
                del self._last_ns[place]
        return sorted(self._known.values(), key=lambda each: _WORST_FIRST.index(each.kind))
