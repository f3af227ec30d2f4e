"""Times gathered by day.

What happens on one day, and so within one session, is alike: the same weather, the same plug, the
same person trying again. A day counts once, or the statistics would take one bad evening for many
proofs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evdiag.recurrence.history import Charger, Circumstances, Locking, Unlocking
from evdiag.recurrence.outcomes import JUDGED

Numbers: TypeAlias = NDArray[np.float64]

DAY_NS: Final = 86_400_000_000_000
SHORTEST_S: Final = 0.01
"""A shorter time is a clock's grain: logarithms need a floor."""
LONGEST_S: Final = 86_400.0
"""No lock takes a day; a book may have been written by anybody."""
LARGEST: Final = 1000.0
"""No temperature in °C and no 12 V supply is as large."""


class Sample(NamedTuple):
    """One measured time; seconds."""

    time_ns: int
    seconds: float
    circumstances: Circumstances


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Parallel columns, a row a day in order of time; `log_s` is the logarithm of seconds.

    `day` counts from 1970 in UTC, with a fraction. Circumstances are nan where they are not known.
    """

    day: Numbers
    log_s: Numbers
    temperature: Numbers
    supply: Numbers
    count: NDArray[np.int64]
    charger: tuple[Charger | None, ...]

    def __len__(self) -> int:
        return len(self.day)

    @property
    def attempts(self) -> int:
        """The times behind all rows."""
        return int(self.count.sum())

    def where(self, keep: NDArray[np.bool_]) -> Days:
        """Return only some of the rows."""
        chargers = tuple(c for c, kept in zip(self.charger, keep, strict=True) if kept)
        return Days(
            self.day[keep], self.log_s[keep], self.temperature[keep], self.supply[keep],
            self.count[keep], chargers,
        )  # fmt: skip

    def with_log_s(self, log_s: Numbers) -> Days:
        """Return the same days with other times."""
        return replace(self, log_s=log_s)

    def between(self, first: float, last: float) -> Days:
        """Return the rows from one day to before another."""
        return self.where((self.day >= first) & (self.day < last))


def release_samples(unlockings: Iterable[Unlocking]) -> list[Sample]:
    """Return the times to release of those that opened."""
    opened = [each for each in unlockings if JUDGED[each.outcome] == "opened"]
    return _samples((u.time_ns, u.released_after_s, u.circumstances) for u in opened)


def lock_samples(lockings: Iterable[Locking]) -> list[Sample]:
    """Return the times to lock of those that locked."""
    return _samples((each.time_ns, each.locked_after_s, each.circumstances) for each in lockings)


def _samples(found: Iterable[tuple[int, float | None, Circumstances]]) -> list[Sample]:
    return [
        Sample(time_ns, seconds, circumstances)
        for time_ns, seconds, circumstances in found
        if seconds is not None and 0 <= seconds <= LONGEST_S
    ]


def daily(samples: Iterable[Sample], *, by_charger: bool = False) -> Days:
    """Return the median of each day; with `by_charger`, of each day and kind of charger."""
    groups: dict[tuple[int, str], list[Sample]] = {}
    for sample in sorted(samples, key=lambda each: each.time_ns):
        kind = (sample.circumstances.charger or "") if by_charger else ""
        groups.setdefault((sample.time_ns // DAY_NS, kind), []).append(sample)
    rows = list(groups.values())
    return Days(
        day=_column(sum(s.time_ns for s in row) / len(row) / DAY_NS for row in rows),
        log_s=_column(median(math.log(max(s.seconds, SHORTEST_S)) for s in row) for row in rows),
        temperature=_column(_known([s.circumstances.ambient_temperature for s in r]) for r in rows),
        supply=_column(_known([s.circumstances.supply_voltage for s in row]) for row in rows),
        count=np.fromiter((len(row) for row in rows), np.int64),
        charger=tuple(row[0].circumstances.charger for row in rows),
    )


def _known(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None and abs(value) <= LARGEST]
    return median(known) if known else math.nan


def _column(values: Iterable[float]) -> Numbers:
    return np.fromiter(values, np.float64)
