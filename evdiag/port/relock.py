"""After how many seconds this car locks the plug again, and counted from what. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from evdiag.port.attempt import NANOSECONDS, Attempt
from evdiag.vehicles.profile import Profile

ANCHOR_SOURCES = {
    "fob": frozenset({"fob"}),
    "door_unlock": frozenset({"fob", "door", "app", "passive", "screen", "vehicle_unlock"}),
}
"""Which requests start a re-lock timer that does not count from the lock's opening."""

OVERDUE_S: Final = 5.0
"""A lock that is still open so long after the longest time that is known does not keep it."""


@dataclass(frozen=True, slots=True)
class Relock:
    """The times known after which the lock closes again, counted from `anchor`: from the shortest
    to the longest.

    `evidence` is the level of the profile's fact, or ``measured`` on this car just now.
    """

    anchor: Literal["lock_open", "fob", "door_unlock"]
    shortest_s: float
    longest_s: float
    evidence: str

    def began_ns(self, attempt: Attempt) -> int | None:
        """Return when the timer began in an attempt whose lock is open; None where it did not."""
        if self.anchor == "lock_open":
            return attempt.released_ns
        starts = ANCHOR_SOURCES[self.anchor]
        asked_ns = [r.time_ns for r in attempt.requests if r.source in starts]
        return asked_ns[-1] if asked_ns else None


def relock_timer(profile: Profile | None, attempts: tuple[Attempt, ...]) -> Relock | None:
    """Return the timer to count down to: the shortest of the profile's and what was measured."""
    known = None if profile is None else profile.relock
    measured = [
        attempt.relocked_after_s
        for attempt in attempts
        if attempt.outcome == "relocked" and attempt.relock_cause == "timer"
        if attempt.relocked_after_s is not None
    ]
    if known is None:
        return Relock("lock_open", *_span(measured), "measured") if measured else None
    shortest_s, longest_s = _span(known.seconds)
    if known.anchor == "lock_open" and measured and min(measured) < shortest_s:
        return Relock("lock_open", min(measured), longest_s, "measured")
    return Relock(known.anchor, shortest_s, longest_s, known.evidence)


def _span(seconds: Sequence[float]) -> tuple[float, float]:
    return min(seconds), max(seconds)


def relock_left_s(
    profile: Profile, attempts: tuple[Attempt, ...], stream_ns: int | None
) -> float | None:
    """Return how many seconds are left to pull, 0 while it may close at any moment.

    None where no countdown runs, and where the lock stayed open beyond every time that is known.
    """
    timer = relock_timer(profile, attempts)
    if timer is None or stream_ns is None or not attempts:
        return None
    attempt = attempts[-1]
    if attempt.outcome is not None or attempt.released_ns is None or not attempt.exact:
        return None
    began_ns = timer.began_ns(attempt)
    if began_ns is None:
        return None
    passed_s = (stream_ns - began_ns) / NANOSECONDS
    if passed_s > timer.longest_s + OVERDUE_S:
        return None
    return max(0.0, timer.shortest_s - passed_s)
