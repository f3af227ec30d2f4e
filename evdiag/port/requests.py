"""Who asks for the lock to open: read from the changes of the signals that can say so."""

from __future__ import annotations

from evdiag.port.readings import Readings, TimelineRow
from evdiag.vehicles.profile import LockBehaviour
from evdiag.vocabulary import INVALID, STALE, TERM

PEOPLE = frozenset(TERM["vehicle.lock_source"].words) - {"session_end", "auto"}
"""The words of ``vehicle.lock_source`` for somebody who can ask; the car itself is none of them."""


def request_of(row: TimelineRow, readings: Readings, rules: LockBehaviour) -> str | None:
    """Return who asks with this change, or None.

    An observed value, whose change nobody saw, asks for nothing.
    """
    if row.observed:
        return None
    match (row.signal, row.new):
        case ("port.unlock_request", "active"):
            return _named(readings, "unlock_request")
        case ("vehicle.lock", "unlocked"):
            return _named(readings, "vehicle_unlock")
        case ("port.lock_command", "unlock"):
            return "command"
        case ("port.latch_button", "pressed") if rules.latch_button_requests:
            return "latch_button"
        case ("vehicle.lock_source", str(source)) if source not in (INVALID, STALE):
            alone = not {"port.unlock_request", "vehicle.lock"} & readings.offered
            return source if alone else None
    return None


def _named(readings: Readings, otherwise: str) -> str:
    """Name the request by who asked last; a module that says otherwise later corrects it."""
    source = readings["vehicle.lock_source"].value
    return str(source) if source in PEOPLE else otherwise
