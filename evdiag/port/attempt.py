"""One attempt to get the plug out: the unit of diagnosis. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Outcome: TypeAlias = Literal[
    "released",
    "relocked",
    "left_open",
    "no_response",
    "stalled",
    "commanded_not_confirmed",
    "refused",
    "session_active",
    "already_open",
    "unexplained_open",
    "pulled_while_locked",
    "cancelled",
    "inconclusive",
]
"""How an attempt ended; docs/concepts.md defines each."""

Instant: TypeAlias = Literal["released", "pulled", "relocked"]

Charger: TypeAlias = Literal["ac", "dc"]

NANOSECONDS = 1_000_000_000


class Evidence(NamedTuple):
    """Something the bus showed, and when."""

    time_ns: int
    text: str


class Request(NamedTuple):
    """Somebody asked for the lock to open.

    `source` is a word of ``vehicle.lock_source``, or ``unlock_request`` (a module asked),
    ``vehicle_unlock`` (the car was unlocked), ``latch_button``, ``session_end``, ``command`` (the
    car drove the lock by itself) or ``evdiag``.
    """

    time_ns: int
    source: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    `outcome` is None while it runs. Times are None for what did not happen. `exact` is false
    where the clock cannot carry a delay (a row counter). `not_seen` names what happened while the
    signal could not be read: then it has an interval, and no delay is computed from or to it.
    `relock_cause` is ``timer`` or ``person`` where the lock closed again. The circumstances are
    those while it ran: ampere, volt, °C, and the kind of charging that the plug was in for; None
    where the car does not offer them.
    """

    number: int
    opened_ns: int
    requests: tuple[Request, ...]
    outcome: Outcome | None
    released_ns: int | None
    pulled_ns: int | None
    relocked_ns: int | None
    relock_cause: Literal["timer", "person"] | None
    closed_ns: int | None
    bounces: int
    evidence: tuple[Evidence, ...]
    exact: bool = True
    reason: str = ""
    peak_lock_current: float | None = None
    lowest_supply: float | None = None
    ambient_temperature: float | None = None
    button_pressed: bool = False
    not_seen: frozenset[Instant] = frozenset()
    charger: Charger | None = None

    @property
    def request(self) -> str | None:
        """Who asked first; None if nobody did."""
        return self.requests[0].source if self.requests else None

    @property
    def released_after_s(self) -> float | None:
        """Seconds from the request to the lock reporting open."""
        if not self.requests:
            return None
        return self._seconds(self.opened_ns, self.released_ns, "released")

    @property
    def pulled_after_s(self) -> float | None:
        """Seconds from the lock opening to the plug leaving."""
        return self._seconds(self.released_ns, self.pulled_ns, "released", "pulled")

    @property
    def relocked_after_s(self) -> float | None:
        """Seconds from the lock opening to the lock closing again."""
        return self._seconds(self.released_ns, self.relocked_ns, "released", "relocked")

    def _seconds(
        self, start_ns: int | None, end_ns: int | None, *instants: Instant
    ) -> float | None:
        if start_ns is None or end_ns is None or not self.exact or end_ns < start_ns:
            return None
        if self.not_seen.intersection(instants):
            return None
        return (end_ns - start_ns) / NANOSECONDS
