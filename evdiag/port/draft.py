"""An attempt while it runs."""

from __future__ import annotations

from typing import Literal

from evdiag.port.attempt import NANOSECONDS, Attempt, Charger, Evidence, Instant, Outcome, Request
from evdiag.port.readings import Readings

SAME_PRESS_NS = 1 * NANOSECONDS
"""Requests closer together than this are one press, reported by several modules."""

UNNAMED_REQUESTS = ("unlock_request", "vehicle_unlock", "command")
"""Requests that say that somebody asked, not who."""

NAMING_NS = 2 * NANOSECONDS
"""A module that says who asked within this time speaks of the request before it."""


_WHAT_HAPPENS = {
    "session_end": "the charging session ends",
    "command": "the car drives the lock open",
    "unlock_request": "a module asks for the lock to open",
    "vehicle_unlock": "the car is unlocked",
    "latch_button": "the button of the plug's handle is pressed",
}


class Draft:
    """Collects what belongs to one attempt until it closes."""

    def __init__(self, opened_ns: int, clock_is_time: bool) -> None:
        self.opened_ns = opened_ns
        self.exact = clock_is_time
        self.requests: list[Request] = []
        self.evidence: list[Evidence] = []
        self.deadline_ns: int | None = None
        self.moved = False
        self.released_ns: int | None = None
        self.pulled_ns: int | None = None
        self.relocked_ns: int | None = None
        self.relock_cause: Literal["timer", "person"] | None = None
        self.asked_while_open = False
        self.session_ended = False
        self.inlet_was_live = False
        self.bounces_before = 0
        self.reason = ""
        self.button_pressed = False
        self.not_seen: set[Instant] = set()
        self._reported_by: set[str] = set()
        self.peak_lock_current: float | None = None
        self.lowest_supply: float | None = None
        self.ambient_temperature: float | None = None
        self.charger: Charger | None = None

    def circumstances(self, readings: Readings, charger: Charger | None) -> None:
        """Note what surrounds the attempt: motor current, 12 V, temperature, kind of charging."""
        self.charger = charger or self.charger
        current = _number(readings, "port.lock_current")
        supply = _number(readings, "vehicle.supply_voltage")
        if current is not None:
            self.peak_lock_current = max(abs(current), self.peak_lock_current or 0.0)
        if supply is not None:
            lowest = supply if self.lowest_supply is None else self.lowest_supply
            self.lowest_supply = min(supply, lowest)
        ambient = _number(readings, "vehicle.ambient_temperature")
        self.ambient_temperature = self.ambient_temperature if ambient is None else ambient
        if readings["port.latch_button"].value == "pressed":
            self.button_pressed = True

    @property
    def last_asked_ns(self) -> int:
        """When somebody asked last."""
        return self.requests[-1].time_ns if self.requests else self.opened_ns

    @property
    def only_session_end(self) -> bool:
        """True if nobody asked: the attempt is there because a session ended."""
        return [request.source for request in self.requests] == ["session_end"]

    def is_soon_after(self, since_ns: int, now_ns: int, span_ns: int) -> bool:
        """True if no more than that has passed, or no clock says that it has."""
        return not self.exact or now_ns - since_ns <= span_ns

    def is_same_press(self, time_ns: int, reported_by: str) -> bool:
        """True if a request now is one that is listed, reported by another signal as well."""
        if not self.requests or reported_by in self._reported_by:
            return False
        return self.is_soon_after(self.last_asked_ns, time_ns, SAME_PRESS_NS)

    def ask(self, time_ns: int, source: str, reported_by: str) -> None:
        """Add a request that a signal reports; the echo of a press names it if it had no name."""
        if source == "command" and self.requests:
            self.note(time_ns, "the car drives the lock open")
            return
        if self.is_same_press(time_ns, reported_by) and self.requests[-1].source != "session_end":
            last = self.requests[-1]
            self._reported_by.add(reported_by)
            if last.source in UNNAMED_REQUESTS and source not in UNNAMED_REQUESTS:
                self.requests[-1] = Request(last.time_ns, source)
            return
        self._reported_by = {reported_by}
        self.requests.append(Request(time_ns, source))
        self.note(time_ns, _WHAT_HAPPENS.get(source, f"unlock asked for: {source}"))

    def name_request(self, time_ns: int, source: str, said_before: str) -> None:
        """A module says who asked: name the last request, if it had no name or an old one.

        `said_before` is who had asked last until now: a request that was reported first carries
        that name, from memory.
        """
        if not self.requests:
            return
        last = self.requests[-1]
        nameless = last.source in UNNAMED_REQUESTS or last.source == said_before
        if nameless and self.is_soon_after(last.time_ns, time_ns, NAMING_NS):
            self.requests[-1] = Request(last.time_ns, source)
            self.note(time_ns, f"the request came from: {source}")

    def note(self, time_ns: int, text: str) -> None:
        """Add one line of evidence."""
        self.evidence.append(Evidence(time_ns, text))

    def outcome_when_pulled(self, *, lock_known: bool) -> Outcome:
        """Say how it ended, now that the plug has left."""
        if self.released_ns is None:
            return "pulled_while_locked" if lock_known else "inconclusive"
        if self.asked_while_open:
            return "already_open"
        return "released" if self.requests else "unexplained_open"

    def outcome_when_left(self) -> Outcome:
        """Say how it ended, now that nobody pulled for a long time."""
        if self.asked_while_open:
            return "already_open"
        return "left_open" if self.requests else "unexplained_open"

    def outcome_unanswered(self) -> Outcome:
        """Say how it ended, now that the lock has not moved in its time."""
        commanded = any(request.source == "evdiag" for request in self.requests)
        return "commanded_not_confirmed" if commanded else "no_response"

    def outcome_unfinished(self) -> Outcome:
        """Say how it ended, now that nothing more can be seen."""
        if self.asked_while_open:
            return "already_open"
        opened_unasked = self.released_ns is not None and not self.requests
        return "unexplained_open" if opened_unasked else "inconclusive"

    def attempt(self, number: int, outcome: Outcome | None) -> Attempt:
        """Return what is known so far as an attempt."""
        return Attempt(
            number=number,
            opened_ns=self.opened_ns,
            requests=tuple(self.requests),
            outcome=outcome,
            released_ns=None if self.asked_while_open else self.released_ns,
            pulled_ns=self.pulled_ns,
            relocked_ns=self.relocked_ns,
            relock_cause=self.relock_cause,
            closed_ns=None,
            bounces=0,
            evidence=tuple(self.evidence),
            exact=self.exact,
            reason=self.reason,
            peak_lock_current=self.peak_lock_current,
            lowest_supply=self.lowest_supply,
            ambient_temperature=self.ambient_temperature,
            button_pressed=self.button_pressed,
            not_seen=frozenset(self.not_seen),
            charger=self.charger,
        )


def _number(readings: Readings, name: str) -> float | None:
    reading = readings[name]
    return float(reading.value) if reading.usable else None
