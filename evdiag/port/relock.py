"""After how many seconds this car locks the plug again, and counted from what. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evdiag.port.attempt import NANOSECONDS, Attempt
from evdiag.vehicles.profile import Profile

ANCHOR_SOURCES = {
    "fob": frozenset({"fob"}),
    "door_unlock": frozenset({"fob", "door", "app", "passive", "screen", "vehicle_unlock"}),
}
"""Which requests start a re-lock timer that does not count from the lock's opening."""


@dataclass(frozen=True, slots=True)
class Relock:
    """The shortest time known after which the lock closes again, counted from `anchor`.

    `evidence` is the level of the profile's fact, or ``measured`` on this car just now.
    """

    anchor: Literal["lock_open", "fob", "door_unlock"]
    shortest_s: float
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
        return Relock("lock_open", min(measured), "measured") if measured else None
    shortest_s = min(known.seconds)
    if known.anchor == "lock_open" and measured and min(measured) < shortest_s:
        return Relock("lock_open", min(measured), "measured")
    return Relock(known.anchor, shortest_s, known.evidence)


def relock_left_s(
    profile: Profile, attempts: tuple[Attempt, ...], stream_ns: int | None
) -> float | None:
    """Return how many seconds are left to pull; None where no countdown runs."""
    timer = relock_timer(profile, attempts)
    if timer is None or stream_ns is None or not attempts:
        return None
    attempt = attempts[-1]
    if attempt.outcome is not None or attempt.released_ns is None or not attempt.exact:
        return None
    began_ns = timer.began_ns(attempt)
    if began_ns is None:
        return None
    return max(0.0, timer.shortest_s - (stream_ns - began_ns) / NANOSECONDS)
