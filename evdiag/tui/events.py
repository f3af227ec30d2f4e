"""How the screens write what a bus says of itself. Pure."""

from __future__ import annotations

from typing import Final

from evdiag.inputs import BusEvent, BusEventKind
from evdiag.plain import plain_text

_TONES: Final = {
    BusEventKind.LOST: "bad",
    BusEventKind.BUS_OFF: "bad",
    BusEventKind.WRONG_BITRATE: "bad",
    BusEventKind.ERROR_PASSIVE: "odd",
    BusEventKind.FRAMES_LOST: "odd",
    BusEventKind.DRIVER_ERROR: "odd",
    BusEventKind.UP: "free",
}


def event_tone(event: BusEvent) -> str:
    """Return the tone of an event."""
    return _TONES.get(event.kind, "")


def event_text(event: BusEvent) -> str:
    """Write an event on one line, plain."""
    count = f" {event.count:,}" if event.count else ""
    detail = f": {plain_text(event.detail)}" if event.detail else ""
    return f"{plain_text(str(event.channel))} {event.kind.value.replace('_', ' ')}{count}{detail}"
