"""Who asks for the lock to open: read from the changes of the signals that can say so."""

from __future__ import annotations

from evdiag.port.attempt import NANOSECONDS
from evdiag.port.readings import Readings, TimelineRow
from evdiag.vehicles.profile import LockBehaviour
from evdiag.vocabulary import INVALID, STALE

SOURCE_FRESH_NS = 2 * NANOSECONDS


class RequestListener:
    """Turns changes into the sources of requests.

    A first value, or one after silence or ``invalid``, is an observation and asks for nothing.
    """

    def __init__(self, rules: LockBehaviour) -> None:
        self._rules = rules
        self._source: tuple[int, str] | None = None

    def forget(self) -> None:
        """Know nothing: a new epoch."""
        self._source = None

    def row(self, row: TimelineRow, readings: Readings) -> str | None:
        """Return who asks with this change, or None."""
        if row.old is None or row.old in (INVALID, STALE):
            return None
        match (row.signal, row.new):
            case ("port.unlock_request", "active"):
                return self._named(row.time_ns, "unlock_request")
            case ("vehicle.lock", "unlocked"):
                return self._named(row.time_ns, "vehicle_unlock")
            case ("port.lock_command", "unlock"):
                return "command"
            case ("port.latch_button", "pressed") if self._rules.latch_button_requests:
                return "latch_button"
            case ("vehicle.lock_source", str(source)) if source not in (INVALID, STALE):
                self._source = (row.time_ns, source)
                alone = not {"port.unlock_request", "vehicle.lock"} & readings.offered
                return source if alone else None
        return None

    def _named(self, time_ns: int, otherwise: str) -> str:
        if self._source is not None and time_ns - self._source[0] <= SOURCE_FRESH_NS:
            return self._source[1]
        return otherwise
