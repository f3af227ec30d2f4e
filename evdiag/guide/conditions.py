"""The closed set of conditions that a procedure may use: data, never an expression. Pure.

A condition holds, does not hold, or cannot be told (None): a signal that this car does not offer,
or that is stale, says neither yes nor no.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, get_args

from evdiag.guide.safety import kind_of_charging, session_state
from evdiag.guide.scene import Facts
from evdiag.port.attempt import Outcome, Request
from evdiag.vehicles.profile import HABITS

Truth: TypeAlias = bool | None

ProfileFact: TypeAlias = Literal[
    "button_unlocks", "command_unlock", "lock_modes", "manual_release", "relock_timer"
]
PROFILE_FACTS: tuple[str, ...] = (*get_args(ProfileFact), *HABITS)

_REPORTS_REQUESTS = frozenset({"port.unlock_request", "vehicle.lock", "vehicle.lock_source"})


class Condition(Protocol):
    """Something that is so, is not so, or cannot be told."""

    def holds(self, facts: Facts) -> Truth:
        """Say which."""


@dataclass(frozen=True, slots=True)
class SignalIs:
    """A fresh signal has one of these words. What the car calls invalid cannot be told."""

    signal: str
    words: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        """None while the signal is not offered, stale, invalid, never seen or denied by another."""
        reading = facts.reading(self.signal)
        if reading is None or not reading.usable:
            return None
        if self.signal == "port.plug" and facts.plug_out_is_denied:
            return None
        return reading.value in self.words


@dataclass(frozen=True, slots=True)
class SignalWithin:
    """A fresh number lies at or above `least` and below `limit`; None is no bound."""

    signal: str
    least: float | None
    limit: float | None

    def holds(self, facts: Facts) -> Truth:
        """None while the signal is not offered, stale, invalid or never seen."""
        reading = facts.reading(self.signal)
        if reading is None or not reading.usable:
            return None
        value = float(reading.value)
        above = self.least is None or value >= self.least
        return above and (self.limit is None or value < self.limit)


@dataclass(frozen=True, slots=True)
class Became:
    """A signal was seen to change to one of these words, since the step or expectation began."""

    signal: str
    words: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        """None where the car does not offer the signal, or no change can come any more."""
        if facts.reading(self.signal) is None:
            return None
        return True if self.at(facts) is not None else _not_yet(facts)

    def at(self, facts: Facts) -> int | None:
        """Return when it happened first."""
        for row in facts.rows:
            seen = row.signal == self.signal and row.new in self.words and not row.observed
            if seen and row.time_ns >= facts.since_ns:
                return row.time_ns
        return None


@dataclass(frozen=True, slots=True)
class Requested:
    """Somebody asked the lock to open, since the step or expectation began, or `ever`.

    `sources` are those of `evdiag.port.attempt.Request`; empty is anybody, which the end of a
    session is not.
    """

    sources: tuple[str, ...] = ()
    ever: bool = False

    def holds(self, facts: Facts) -> Truth:
        """None where no signal of this car could say so, or none can come any more."""
        if self.at(facts) is not None:
            return True
        readings = facts.scene.readings
        if readings is None or not _REPORTS_REQUESTS & readings.offered:
            return None
        return False if self.ever else _not_yet(facts)

    def at(self, facts: Facts) -> int | None:
        """Return when somebody asked first."""
        for attempt in facts.scene.attempts:
            for request in attempt.requests:
                wanted = request.source in self.sources if self.sources else _is_person(request)
                if wanted and (self.ever or request.time_ns >= facts.since_ns):
                    return request.time_ns
        return None


def _not_yet(facts: Facts) -> Truth:
    """Say what it means that something has not happened: nothing, where nobody listens."""
    return None if facts.scene.has_ended else False


def _is_person(request: Request) -> bool:
    return request.source != "session_end"


@dataclass(frozen=True, slots=True)
class AttemptWas:
    """An attempt had one of these outcomes: one that ended in this step, or any at all."""

    outcomes: tuple[Outcome, ...]
    ever: bool = False

    def holds(self, facts: Facts) -> Truth:
        """None without a bus."""
        if facts.scene.readings is None:
            return None
        return any(
            attempt.outcome in self.outcomes
            and (self.ever or (attempt.closed_ns or 0) >= facts.since_ns)
            for attempt in facts.scene.attempts
        )


@dataclass(frozen=True, slots=True)
class Obeyed:
    """Somebody of these asked and the lock opened: in any attempt so far."""

    sources: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        """None without a bus."""
        if facts.scene.readings is None:
            return None
        return any(
            attempt.released_ns is not None and attempt.request in self.sources
            for attempt in facts.scene.attempts
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """The person gave one of these answers: to an earlier step, or to this one (`step` None)."""

    step: str | None
    answers: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        """None while nobody has answered an earlier step."""
        if self.step is None:
            return facts.answer in self.answers
        answer = facts.answers.get(self.step)
        return None if answer is None else answer in self.answers


@dataclass(frozen=True, slots=True)
class SessionIs:
    """The charging session is in one of these states; see `evdiag.guide.safety`."""

    states: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        """Always known: what cannot be told is the state ``unknown``."""
        return session_state(facts) in self.states


@dataclass(frozen=True, slots=True)
class KindIs:
    """The cable carries ``ac``, ``dc``, feeds a ``load``, or nobody knows (``unknown``)."""

    kinds: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        """Always known."""
        return kind_of_charging(facts) in self.kinds


@dataclass(frozen=True, slots=True)
class Found:
    """The diagnosis finds one of these faults, at least likely."""

    faults: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        """None without a bus."""
        if facts.scene.readings is None:
            return None
        return any(
            finding.fault in self.faults and finding.is_fault for finding in facts.scene.findings()
        )


@dataclass(frozen=True, slots=True)
class Profiled:
    """The car's profile knows a fact of this name."""

    fact: str

    def holds(self, facts: Facts) -> Truth:
        """None where nobody knows which car it is."""
        profile = facts.scene.profile
        if profile is None:
            return None
        match self.fact:
            case "relock_timer":
                return profile.relock is not None
            case "manual_release":
                return any(r.evidence != "unproven" for r in profile.manual_release)
            case "lock_modes":
                return bool(profile.lock_modes)
            case "button_unlocks":
                return profile.lock.latch_button_requests
            case "command_unlock":
                return bool(profile.ways("unlock"))
        return any(habit.kind == self.fact for habit in profile.habits)


@dataclass(frozen=True, slots=True)
class Offers:
    """This car, on this bus, offers the signal."""

    signal: str

    def holds(self, facts: Facts) -> Truth:
        """False without a bus."""
        return facts.reading(self.signal) is not None


@dataclass(frozen=True, slots=True)
class Told:
    """The signal says something right now: it is neither stale nor invalid, and was seen."""

    signal: str

    def holds(self, facts: Facts) -> Truth:
        """None where this car, on this bus, does not offer it."""
        reading = facts.reading(self.signal)
        return None if reading is None else reading.usable


@dataclass(frozen=True, slots=True)
class BusIs:
    """There is ``none``, it is ``asleep`` or ``awake``."""

    states: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        """Always known."""
        readings = facts.scene.readings
        if readings is None:
            return "none" in self.states
        state = "awake" if readings.asleep_since_ns is None else "asleep"
        return state in self.states


@dataclass(frozen=True, slots=True)
class Met:
    """An expectation of this step was met."""

    expectation: str

    def holds(self, facts: Facts) -> Truth:
        """None where this car does not show it."""
        if self.expectation in facts.met:
            return True
        return None if self.expectation in facts.untold else False


@dataclass(frozen=True, slots=True)
class Missed:
    """An expectation of this step was not met in its time."""

    expectation: str

    def holds(self, facts: Facts) -> Truth:
        """Never unknown."""
        return self.expectation in facts.missed


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The step has had its time."""

    def holds(self, facts: Facts) -> Truth:
        """Never unknown."""
        return facts.timed_out


@dataclass(frozen=True, slots=True)
class All:
    """Every one holds; unknown unless one does not hold."""

    of: tuple[Condition, ...]

    def holds(self, facts: Facts) -> Truth:
        """Kleene's conjunction."""
        truths = [condition.holds(facts) for condition in self.of]
        if False in truths:
            return False
        return None if None in truths else True


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds; unknown where one that cannot be told might."""

    of: tuple[Condition, ...]

    def holds(self, facts: Facts) -> Truth:
        """Kleene's disjunction."""
        truths = [condition.holds(facts) for condition in self.of]
        if True in truths:
            return True
        return None if None in truths else False


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; what cannot be told stays so."""

    of: Condition

    def holds(self, facts: Facts) -> Truth:
        """Kleene's negation."""
        truth = self.of.holds(facts)
        return None if truth is None else not truth
