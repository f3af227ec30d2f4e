"""How times, ages and values are written on the screens, and how a typed time is read. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.vocabulary import TERM, Value

if TYPE_CHECKING:
    from evdiag.port.attempt import Attempt

SHORT_WORDS = {
    "connected": "in",
    "disconnected": "out",
    "unlocked": "open",
    "driver_door_only": "driver door",
    "while_charging": "charging",
}
"""What the port screen writes where eleven cells must do."""

DANGER_WAS_TOLD = "the guide was told that something is hot, smoking, wet inside or broken"

_TYPED_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)")


def at_text(seconds: float) -> str:
    """Write a place in the recording: ``0:17.4`` or ``1:02:03.4``."""
    tenths = int(max(seconds, 0.0) * 10 + 1e-6)
    minutes, tenth = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{tenth // 10:02d}.{tenth % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def span_text(seconds: float) -> str:
    """Write how long something took or how old it is."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60} min"


def age_text(seconds: float) -> str:
    """Write an age in at most eight cells."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 600:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 36_000 else f"{seconds / 3600:.0f} h"


def read_time(text: str) -> float:
    """Read a typed place: seconds, minutes and seconds, or hours, minutes and seconds.

    Raises:
        BadInputError: it is none of them; the message shows what would be.
    """
    found = _TYPED_TIME.fullmatch(text.strip())
    if found is None:
        raise BadInputError(f"{plain_text(text)!r} is no time: write 12.5, 1:02.5 or 1:00:02")
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds.replace(",", "."))


def number_text(value: float) -> str:
    """Write a number with no more digits than tell something."""
    return f"{round(value, 3):.10g}"


def value_text(name: str, value: Value) -> str:
    """Write a reading of the vocabulary with its unit."""
    if isinstance(value, str):
        return value.replace("_", " ")
    unit = TERM[name].unit
    return f"{number_text(value)} {unit}".strip()


def short_value(name: str, value: Value) -> str:
    """Write a reading as short as the port screen needs it; a car is unlocked, a plug lock open."""
    if isinstance(value, str) and not (name == "vehicle.lock" and value == "unlocked"):
        return SHORT_WORDS.get(value, value.replace("_", " "))
    return value_text(name, value)


def outcome_text(attempt: Attempt) -> str:
    """Write how an attempt ended."""
    return "running" if attempt.outcome is None else attempt.outcome.replace("_", " ")


def asked_text(attempt: Attempt) -> str:
    """Write who asked."""
    who = attempt.request
    return "nobody asked" if who is None else f"asked by {who.replace('_', ' ')}"


def speed_text(speed: float | None) -> str:
    """Write a speed; as fast as possible is ``max``."""
    return "max" if speed is None else f"{speed:g}×"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun: ``1 frame``, ``1,284 frames``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
