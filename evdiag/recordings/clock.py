"""Watches the stamps of one recording go by: the one place that judges a logger's clock."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evdiag.recordings.report import AnomalyKind, ReadReport
from evdiag.recordings.stamps import LATEST_NS

JUMP_NS = 10**9
"""A stamp further back than this opens a new epoch (docs/architecture.md, Time)."""

GAP_NS = 10**9
"""Silence longer than this is a gap: the bus slept, or the logger was away."""

_SHORTEST_FRAME_NS = 40_000

_ROWS_ENOUGH = 3
"""So many that rise by one unit count themselves."""

_ROWS_ENOUGH_BY_OTHER_STEPS = 16
"""Three frames on several channels may well be as far apart as each other."""


class Wrap(NamedTuple):
    """A clock that starts again at zero after `period_ns`.

    It wrapped when a stamp within `margin_ns` of the end is followed by one as near to the start;
    any other jump back is a jump.
    """

    period_ns: int
    margin_ns: int


MICROSECOND_COUNTER = Wrap((1 << 32) * 1000, 60 * 10**9)
MIDNIGHT = Wrap(86_400 * 10**9, 3600 * 10**9)
MINUTE = Wrap(60 * 10**9, 30 * 10**9)


class Clock:
    """Sees each stamp once, in file order, and counts what is wrong with it.

    `unit_ns` is the unit of the stamp column. `scale` corrects stamps of another unit than the
    format says (numerator, denominator). `wrap` is given where the logger's clock wraps.
    """

    def __init__(
        self,
        report: ReadReport,
        *,
        unit_ns: int,
        scale: tuple[int, int] = (1, 1),
        wrap: Wrap | None = None,
    ) -> None:
        self._report = report
        self._numerator, self._denominator = scale
        self._scaled = scale != (1, 1)
        self._unit_ns = max(1, unit_ns * self._numerator // self._denominator)
        self._wrap = wrap and Wrap(
            wrap.period_ns * self._numerator // self._denominator, wrap.margin_ns
        )
        self._wraps_ns = 0
        self._previous_ns = 0
        self._high_ns = 0
        self._epoch_low_ns = 0
        self._covered_ns = 0
        self._first_ns = 0
        self._rows = 0
        self._first_step_ns = 0
        self._like_first_step = 0
        self._zeros = 0

    def scaled(self, stamp_ns: int) -> int:
        """Return a stamp in the unit that it is in."""
        return stamp_ns * self._numerator // self._denominator if self._scaled else stamp_ns

    def reaches(self, stamps_ns: NDArray[np.int64]) -> bool:
        """Tell whether all of these stamps are times, too, in the unit that they are in."""
        if not self._scaled or not len(stamps_ns):
            return True
        ends = (int(stamps_ns.min()), int(stamps_ns.max()))
        return all(abs(self.scaled(end)) <= LATEST_NS for end in ends)

    def see(self, time_ns: int) -> int:
        """Judge the next stamp and return the time it stands for."""
        time_ns = self.scaled(time_ns)
        if self._wrap is not None:
            time_ns = self._unwrapped(time_ns, self._wrap)
        self._rows += 1
        if self._rows == 1:
            self._first_ns = self._high_ns = self._epoch_low_ns = time_ns
        else:
            step = time_ns - self._previous_ns
            if self._rows == 2:
                self._first_step_ns = step
            if step == self._first_step_ns:
                self._like_first_step += 1
            if step < 0:
                self._step_back(time_ns)
            elif time_ns > self._high_ns:
                if time_ns - self._high_ns > GAP_NS:
                    self._report.add_gap(time_ns - self._high_ns)
                self._high_ns = time_ns
        if time_ns <= 0:
            self._not_positive(time_ns)
        self._previous_ns = time_ns
        return time_ns

    def see_all(self, stamps_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Judge the next stamps, as `see` would one by one; return the times they stand for."""
        if not len(stamps_ns):
            return stamps_ns
        if not self._rows:
            # What follows needs a stamp before each.
            first = self.see(int(stamps_ns[0]))
            return np.append(first, self.see_all(stamps_ns[1:])).astype(np.int64)
        if self._scaled or self._wrap is not None:
            times_ns = self._times(stamps_ns)
            if times_ns is None:
                return self._one_by_one(stamps_ns)
        else:
            times_ns = stamps_ns
        steps = np.empty_like(times_ns)
        steps[0] = times_ns[0] - self._previous_ns
        np.subtract(times_ns[1:], times_ns[:-1], out=steps[1:])
        if self._previous_ns < self._high_ns or steps.min() < 0:
            highs = np.maximum.accumulate(np.append(self._high_ns, times_ns))
            if (times_ns < highs[:-1] - JUMP_NS).any():
                return self._one_by_one(stamps_ns)
            self._count_late(times_ns, steps)
            rises, self._high_ns = np.diff(highs), int(highs[-1])
        else:
            rises, self._high_ns = steps, int(times_ns[-1])
        if rises.max() > GAP_NS:
            for gap in rises[rises > GAP_NS].tolist():
                self._report.add_gap(gap)
        if self._rows == 1:
            self._first_step_ns = int(steps[0])
        self._like_first_step += int(np.count_nonzero(steps == self._first_step_ns))
        if self._epoch_low_ns <= 0:
            self._count_all(AnomalyKind.NEGATIVE_STAMPS, np.flatnonzero(times_ns < 0))
            self._zeros += int(np.count_nonzero(times_ns == 0))
        self._previous_ns = int(times_ns[-1])
        self._rows += len(times_ns)
        return times_ns

    def _count_late(self, times_ns: NDArray[np.int64], steps: NDArray[np.int64]) -> None:
        backward = np.flatnonzero(steps < 0)
        self._count_all(AnomalyKind.BACKWARD_STEPS, backward)
        self._epoch_low_ns = min([self._epoch_low_ns, *times_ns[backward].tolist()])

    def _times(self, stamps_ns: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return the times of stamps in another unit, or of a clock that wraps.

        None where one of them wraps, or does not fit in 64 bits on the way.
        """
        largest = max(abs(int(stamps_ns.min())), abs(int(stamps_ns.max())))
        if largest * self._numerator >= 1 << 62:
            return None
        times_ns = stamps_ns * self._numerator // self._denominator if self._scaled else stamps_ns
        if self._wrap is None:
            return times_ns
        before = np.append(self._previous_ns - self._wraps_ns, times_ns[:-1])
        early, late = self._wrap.margin_ns, self._wrap.period_ns - self._wrap.margin_ns
        inside = (times_ns >= 0) & (times_ns < self._wrap.period_ns)
        wraps = (before > late) & (before < self._wrap.period_ns) & (times_ns < early)
        returns = (before < early) & (times_ns > late)
        if (inside & (wraps | returns)).any():
            return None
        return times_ns + self._wraps_ns

    def _one_by_one(self, stamps_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([self.see(stamp) for stamp in stamps_ns.tolist()], np.int64)

    def _count_all(self, kind: AnomalyKind, places: NDArray[np.intp]) -> None:
        if len(places):
            self._report.count(kind, self._rows + 1 + int(places[0]), by=len(places))

    def finish(self) -> None:
        """Draw the conclusions that need the whole recording."""
        report = self._report
        if not self._rows:
            return
        covered = self._covered_ns + self._high_ns - self._epoch_low_ns
        if not report.has_clock:
            report.count(AnomalyKind.NO_STAMPS, by=self._rows)
        elif self._zeros == self._rows and self._rows > 1:
            report.has_clock = False
            report.count(AnomalyKind.ZERO_STAMPS, by=self._rows)
        elif self._counts_rows():
            report.has_clock = False
            report.count(AnomalyKind.COUNTER_STAMPS, by=self._rows)
        report.duration_ns = covered if report.has_clock else None

    def _counts_rows(self) -> bool:
        step_ns = self._first_step_ns
        enough = _ROWS_ENOUGH if step_ns == self._unit_ns else _ROWS_ENOUGH_BY_OTHER_STEPS
        if self._rows < enough or self._like_first_step != self._rows - 1:
            return False
        # Frames cannot follow each other faster than they last on the wire; in coarser units
        # a counter shows itself by starting at the beginning.
        starts_anew = self._first_ns in (0, step_ns)
        return 0 < step_ns < _SHORTEST_FRAME_NS or (starts_anew and step_ns >= 10**9)

    def _step_back(self, time_ns: int) -> None:
        if time_ns < self._high_ns - JUMP_NS:
            self._report.count(AnomalyKind.CLOCK_JUMPS, self._rows)
            self._covered_ns += self._high_ns - self._epoch_low_ns
            self._high_ns = self._epoch_low_ns = time_ns
            return
        self._report.count(AnomalyKind.BACKWARD_STEPS, self._rows)
        self._epoch_low_ns = min(self._epoch_low_ns, time_ns)

    def _not_positive(self, time_ns: int) -> None:
        if time_ns < 0:
            self._report.count(AnomalyKind.NEGATIVE_STAMPS, self._rows)
        else:
            self._zeros += 1

    def _unwrapped(self, time_ns: int, wrap: Wrap) -> int:
        if not 0 <= time_ns < wrap.period_ns or not self._rows:
            return time_ns + self._wraps_ns
        before = self._previous_ns - self._wraps_ns
        end_ns = wrap.period_ns - wrap.margin_ns
        if end_ns < before < wrap.period_ns and time_ns < wrap.margin_ns:
            self._wraps_ns += wrap.period_ns
            self._report.count(AnomalyKind.CLOCK_WRAPS, self._rows + 1)
        elif self._wraps_ns and before < wrap.margin_ns and time_ns > end_ns:
            # Another bus was a moment late: this stamp is still from before the wrap.
            return time_ns + self._wraps_ns - wrap.period_ns
        return time_ns + self._wraps_ns
