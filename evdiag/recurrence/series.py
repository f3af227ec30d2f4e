"""A car's history as plain series that any front end can draw. Pure data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evdiag.recurrence.days import DAY_NS, Sample, lock_samples, release_samples
from evdiag.recurrence.history import Circumstances, History
from evdiag.recurrence.outcomes import JUDGED
from evdiag.recurrence.over_time import Change, Drift
from evdiag.recurrence.saying import What
from evdiag.recurrence.trend import Trend


@dataclass(frozen=True, slots=True)
class Point:
    """One time that was measured."""

    time_ns: int
    seconds: float
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at one moment: an attempt that failed, a repair."""

    time_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight part of the line through the points; seconds at its two ends."""

    from_ns: int
    to_ns: int
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn of one time of one car. `strokes` is empty where nothing is known to change."""

    name: str
    model: str
    what: What
    points: tuple[Point, ...]
    failures: tuple[Mark, ...]
    repairs: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]

    @property
    def span_ns(self) -> tuple[int, int]:
        """The first and the last moment; nothing at all spans a day from 1970 on."""
        times = [point.time_ns for point in self.points]
        times += [mark.time_ns for mark in (*self.failures, *self.repairs)]
        return (min(times), max(times)) if times else (0, DAY_NS)

    @property
    def highest_s(self) -> float:
        """What the picture must hold: nearly all points; a very long one is drawn at the edge."""
        if not self.points:
            return 1.0
        seconds = [point.seconds for point in self.points]
        lines = [max(stroke.from_s, stroke.to_s) for stroke in self.strokes]
        return max(1.3 * float(np.percentile(seconds, 98)), *(1.2 * each for each in lines), 0.1)


def series_of(history: History, trend: Trend, what: What = "release") -> Series:
    """Return what is drawn of the time to release, or to lock."""
    if what == "release":
        points = _points(release_samples(history.unlockings))
        failures = [
            Mark(each.time_ns, each.outcome)
            for each in history.unlockings
            if JUDGED[each.outcome] == "failed"
        ]
        changes = trend.release_changes
    else:
        points = _points(lock_samples(history.lockings))
        failures = [
            Mark(each.time_ns, "did not lock")
            for each in history.lockings
            if each.locked_after_s is None
        ]
        changes = trend.lock_changes
    return Series(
        history.name,
        history.model,
        what,
        points,
        tuple(failures),
        tuple(Mark(repair.time_ns, repair.text) for repair in history.repairs),
        tuple(stroke for change in changes for stroke in _strokes(change)),
    )


def medians(points: Sequence[Point], span_ns: tuple[int, int], bins: int) -> list[float | None]:
    """Return the median of each of `bins` equal parts of a span; None where nothing is in one."""
    first, last = span_ns
    width = max((last - first) / bins, 1)
    held: list[list[float]] = [[] for _ in range(bins)]
    for point in points:
        number = min(int((point.time_ns - first) / width), bins - 1)
        if number >= 0:
            held[number].append(point.seconds)
    return [float(np.median(each)) if each else None for each in held]


def _points(samples: Iterable[Sample]) -> tuple[Point, ...]:
    return tuple(Point(*sample) for sample in sorted(samples, key=lambda s: s.time_ns))


def _strokes(change: Change) -> list[Stroke]:
    days, shape = change.days, change.shape
    first, last = float(days.day[0]), float(days.day[-1])
    if isinstance(shape, Drift):
        return [_stroke(first, last, shape.first_log_s, shape.last_log_s)]
    bounds = [first, *shape.at, last]
    return [
        _stroke(bounds[number], bounds[number + 1], level, level)
        for number, level in enumerate(shape.levels)
    ]


def _stroke(first: float, last: float, from_log_s: float, to_log_s: float) -> Stroke:
    return Stroke(int(first * DAY_NS), int(last * DAY_NS), math.exp(from_log_s), math.exp(to_log_s))
