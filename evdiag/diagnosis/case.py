"""All that a rule may look at, and how a rule says what it found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evdiag.diagnosis.catalogue import CATALOGUE
from evdiag.diagnosis.finding import Confidence, Ending, Finding, lowered
from evdiag.diagnosis.memory import Memory
from evdiag.port.attempt import NANOSECONDS, Attempt, Evidence, Outcome
from evdiag.port.plug import out_is_denied
from evdiag.port.readings import Readings
from evdiag.vehicles.profile import Profile
from evdiag.vocabulary import Value

COMMAND_LEADS_NS = 1 * NANOSECONDS
"""A command this long before an attempt opens belongs to it: modules report in turn."""

FREEZING = 4.0
"""°C: from here down ice on the pin is an explanation; at about this temperature a Tesla's port
goes into its cold weather mode (teslamate issue 1060)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One port as it stands at `now_ns`.

    `clock_is_time` is false where stamps carry no delay.
    """

    profile: Profile
    readings: Readings
    attempts: tuple[Attempt, ...]
    memory: Memory
    now_ns: int
    lock_fitted: bool = True
    clock_is_time: bool = True

    def offers(self, *names: str) -> bool:
        """Tell whether the car has all of these signals on the buses that are seen."""
        return self.readings.offered.issuperset(names)

    def finding(
        self,
        fault: str,
        confidence: Confidence,
        summary: str,
        evidence: Iterable[Evidence],
        against: Iterable[Evidence] = (),
    ) -> Finding:
        """Make a finding of the catalogue.

        It is weakened by every wanted signal that was not seen, and by a step where anything speaks
        against it.
        """
        entry = CATALOGUE[fault]
        contradicting = tuple(against)
        missing = self.lacking(entry.wanted)
        return Finding(
            fault,
            lowered(confidence, len(missing) + bool(contradicting)),
            summary,
            tuple(evidence),
            tuple(step for step in entry.next if not self._is_pointless(step)),
            missing,
            contradicting,
        )

    def _is_pointless(self, step: str) -> bool:
        """Tell whether a step of the guide is done already, as the car stands: or was, in vain."""
        if step == "plug-in":
            is_in = self.readings["port.plug"].known == "connected"
            return is_in or out_is_denied(self.readings)
        if step == "command-unlock":
            return any(attempt.request == "evdiag" for attempt in self.stuck())
        return False

    def ending(
        self,
        ending: Ending,
        summary: str,
        evidence: Iterable[Evidence],
        next_steps: tuple[str, ...],
    ) -> Finding:
        """Say why a healthy lock is shut."""
        return Finding(None, None, summary, tuple(evidence), next_steps, ending=ending)

    def lacking(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the signals that the car does not offer, or never gave a valid value."""
        return tuple(name for name in names if not self.knows(name))

    def knows(self, name: str) -> bool:
        """Tell whether a signal was seen with a valid value."""
        return name in self.readings.offered and self.readings[name].known is not None

    def ended(self, *outcomes: Outcome) -> list[Attempt]:
        """Return the attempts that ended so."""
        return [attempt for attempt in self.attempts if attempt.outcome in outcomes]

    def stuck(self) -> list[Attempt]:
        """Return the attempts in which the lock was asked to open and did not arrive."""
        return self.ended("no_response", "commanded_not_confirmed", "stalled")

    def commanded(self, attempt: Attempt) -> bool | None:
        """Tell whether the actuator was told to open; None where that cannot be known."""
        if attempt.outcome == "commanded_not_confirmed":
            return True
        if not self.offers("port.lock_command") or not self.memory.covers(attempt):
            return None
        if self.at_end(attempt, "port.lock_command") == "unlock":
            return True
        from_ns, to_ns = attempt.opened_ns - COMMAND_LEADS_NS, self.end_of(attempt)
        if self.memory.became("port.lock_command", "unlock", from_ns, to_ns) is not None:
            return True
        known = self.memory.at("port.lock_command", to_ns) is not None
        # Between two answers a short command may come and go unseen.
        return False if known and not self.readings.is_polled("port.lock_command") else None

    def at_end(self, attempt: Attempt, name: str) -> Value | None:
        """Return the value that a signal had when an attempt closed; None where not known."""
        if not self.memory.covers(attempt):
            return None
        return self.memory.at(name, self.end_of(attempt))

    def end_of(self, attempt: Attempt) -> int:
        """Return when an attempt closed, or how far it has come."""
        return self.now_ns if attempt.closed_ns is None else attempt.closed_ns

    @property
    def locked_in(self) -> bool:
        """True if, as far as is known, a plug is in and the lock is shut."""
        plug, lock = self.readings["port.plug"], self.readings["port.lock"]
        return lock.known == "locked" and plug.known in ("connected", None)

    @property
    def last_asked_ns(self) -> int | None:
        """When somebody asked for the plug last; None if nobody did."""
        asked = [r.time_ns for a in self.attempts if self.memory.covers(a) for r in a.requests]
        return max(asked, default=None)


def evidence_of(attempts: Iterable[Attempt]) -> Iterator[Evidence]:
    """Yield the evidence of several attempts."""
    for attempt in attempts:
        yield from attempt.evidence


def is_cold(attempt: Attempt) -> bool:
    """True if it froze outside while the attempt ran."""
    return attempt.ambient_temperature is not None and attempt.ambient_temperature <= FREEZING
