"""Attempts that belong together: a person who tries again until the plug is out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evdiag.recurrence.history import Unlocking
from evdiag.recurrence.outcomes import JUDGED, PLUG_OUT

AGAIN_WITHIN_NS: Final = 10 * 60 * 1_000_000_000
"""Who tries again does so within ten minutes; what comes later is another occasion."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Attempts one after another, up to the first that got the plug out."""

    tries: tuple[Unlocking, ...]

    @property
    def first(self) -> Unlocking:
        """The first try: it does not depend on how patient the person is."""
        return self.tries[0]

    @property
    def failed_at_first(self) -> bool:
        """True where the lock did not open at the first try."""
        return JUDGED[self.first.outcome] == "failed"

    @property
    def retries(self) -> int:
        """Tries before the one that got the plug out, or all but the first where none did."""
        return len(self.tries) - 1

    @property
    def ended_well(self) -> bool:
        """True where the plug could be taken out in the end."""
        return self.tries[-1].outcome in PLUG_OUT


def episodes(unlockings: Sequence[Unlocking]) -> list[Episode]:
    """Return the occasions in order of time; what says nothing of the lock is left out."""
    found: list[list[Unlocking]] = []
    for each in sorted(unlockings, key=lambda unlocking: unlocking.time_ns):
        if JUDGED[each.outcome] == "neither":
            continue
        if found and _goes_on(found[-1][-1], each):
            found[-1].append(each)
        else:
            found.append([each])
    return [Episode(tuple(tries)) for tries in found]


def _goes_on(last: Unlocking, following: Unlocking) -> bool:
    soon = following.time_ns - last.time_ns <= AGAIN_WITHIN_NS
    return soon and last.outcome not in PLUG_OUT
