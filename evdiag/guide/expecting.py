"""Follows what one step expects of the bus, from the moment it began. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from evdiag.guide.conditions import Became, Requested
from evdiag.guide.procedure import Expectation
from evdiag.guide.record import Expected
from evdiag.guide.scene import Facts, Scene
from evdiag.port.attempt import NANOSECONDS
from evdiag.port.relock import relock_timer
from evdiag.vehicles.profile import LockBehaviour

FactsSince: TypeAlias = Callable[[int], Facts]
"""The facts of this moment, for something that began at a time."""

Seconds: TypeAlias = Callable[[Expectation], float | None]
"""How long an expectation may take."""


class Expecting:
    """The expectations of one step that is being done."""

    def __init__(
        self, expectations: tuple[Expectation, ...], began_ns: int, seconds: Seconds
    ) -> None:
        self._expectations = expectations
        self._began_ns = began_ns
        self._seconds = seconds
        self._so_since: dict[str, int] = {}
        self.met: dict[str, int] = {}
        self.missed: set[str] = set()
        self.untold: set[str] = set()

    def look(self, now_ns: int, facts_since: FactsSince) -> None:
        """See what is met and what is missed by now."""
        for expectation in self._expectations:
            if self._is_decided(expectation):
                continue
            since_ns = self._since(expectation)
            facts = facts_since(self._began_ns if since_ns is None else since_ns)
            holds = expectation.of.holds(facts)
            (self.untold.add if holds is None else self.untold.discard)(expectation.id)
            if since_ns is None:
                continue
            if holds:
                so_since_ns = self._so_since.setdefault(
                    expectation.id, _happened_at(expectation, facts, now_ns)
                )
                if now_ns - so_since_ns >= _ns(expectation.held_s):
                    self.met[expectation.id] = so_since_ns
                    continue
            else:
                self._so_since.pop(expectation.id, None)
            due_ns = self._due(expectation, since_ns)
            if due_ns is not None and now_ns >= due_ns and expectation.id not in self._so_since:
                self.missed.add(expectation.id)

    def deadlines(self) -> Iterator[int]:
        """Yield every moment at which something is decided by time alone."""
        for expectation in self._expectations:
            since_ns = self._since(expectation)
            if since_ns is None or self._is_decided(expectation):
                continue
            so_since_ns = self._so_since.get(expectation.id)
            if so_since_ns is not None:
                yield so_since_ns + _ns(expectation.held_s)
            else:
                due_ns = self._due(expectation, since_ns)
                if due_ns is not None:
                    yield due_ns

    def states(self) -> tuple[Expected, ...]:
        """Return how each one stood at the last look."""
        return tuple(self._state(expectation) for expectation in self._expectations)

    def _state(self, expectation: Expectation) -> Expected:
        identifier = expectation.id
        if identifier in self.met:
            return Expected(identifier, "met", at_ns=self.met[identifier])
        since_ns = self._since(expectation)
        if identifier in self.untold:
            return Expected(identifier, "cannot_tell")
        if since_ns is None:
            return Expected(identifier, "before")
        due_ns = self._due(expectation, since_ns)
        if identifier in self.missed:
            return Expected(identifier, "missed", due_ns=due_ns)
        return Expected(identifier, "waiting", due_ns=due_ns)

    def _is_decided(self, expectation: Expectation) -> bool:
        return expectation.id in self.met or expectation.id in self.missed

    def _since(self, expectation: Expectation) -> int | None:
        """Return from when it counts; None while what it counts from has not come."""
        if expectation.after is None:
            return self._began_ns
        return self.met.get(expectation.after)

    def _due(self, expectation: Expectation, since_ns: int) -> int | None:
        seconds = self._seconds(expectation)
        return None if seconds is None else since_ns + _ns(seconds)


def allowed_s(scene: Scene, expectation: Expectation) -> float | None:
    """Return how long an expectation may take: by itself, or as is known of the car."""
    if expectation.within == "release":
        profile = scene.profile
        return (LockBehaviour() if profile is None else profile.lock).response_window_s
    if expectation.within == "relock":
        timer = relock_timer(scene.profile, scene.attempts)
        return None if timer is None else timer.shortest_s
    return expectation.within


def _happened_at(expectation: Expectation, facts: Facts, now_ns: int) -> int:
    """Return when it happened, which may be a little before it is looked at."""
    if isinstance(expectation.of, (Became, Requested)):
        at_ns = expectation.of.at(facts)
        if at_ns is not None:
            return at_ns
    return now_ns


def _ns(seconds: float) -> int:
    return int(seconds * NANOSECONDS)
