"""Who asks for the lock to open: read from the changes of the signals that can say so."""

from __future__ import annotations

from evdiag.port.readings import Readings, TimelineRow
from evdiag.vehicles.profile import LockBehaviour
from evdiag.vocabulary import INVALID, STALE


class RequestListener:
    """Turns changes into the sources of requests.

    An observed value, whose change nobody saw, asks for nothing.
    """

    def __init__(self, rules: LockBehaviour) -> None:
        self._rules = rules

    def row(self, row: TimelineRow, readings: Readings) -> str | None:
        """Return who asks with this change, or None."""
        if row.observed:
            return None
        match (row.signal, row.new):
            case ("port.unlock_request", "active"):
                return self._named(readings, "unlock_request")
            case ("vehicle.lock", "unlocked"):
                return self._named(readings, "vehicle_unlock")
            case ("port.lock_command", "unlock"):
                return "command"
            case ("port.latch_button", "pressed") if self._rules.latch_button_requests:
                return "latch_button"
            case ("vehicle.lock_source", str(source)) if source not in (INVALID, STALE):
                alone = not {"port.unlock_request", "vehicle.lock"} & readings.offered
                return source if alone else None
        return None

    def _named(self, readings: Readings, otherwise: str) -> str:
        """Name the request by who asked last; a module that says otherwise later corrects it."""
        source = readings["vehicle.lock_source"]
        if source.usable and source.value not in ("session_end", "auto"):
            return str(source.value)
        return otherwise
