"""Timeline rows made into lanes: what held from when to when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from evdiag.port.attempt import NANOSECONDS, Attempt
from evdiag.port.readings import TimelineRow
from evdiag.report.model import GuideStep, Lane, Moment, Segment, Spoken, Timeline
from evdiag.vocabulary import TERM, UNKNOWN

LANES = ("port.lock", "port.plug", "port.pilot", "vehicle.lock", "port.inlet_voltage")
"""What the picture shows, from top to bottom."""

FINENESS = 1500
"""So many changes side by side are all that a page can show; what is finer is drawn as changing."""

CHANGING = "changing"
"""The word of a segment in which a value changed more often than a page can show."""

_SHORTEST_S = 1.0

_WORTH_SAYING = 0.005
"""So much of the whole time passes before a signal is said not to have been known at first."""

_Place: TypeAlias = Callable[[int], float]


def timeline_of(
    rows: Sequence[TimelineRow],
    attempts: Iterable[Attempt],
    steps: Iterable[GuideStep],
    marks: Iterable[Spoken],
    *,
    start_ns: int,
    from_ns: int,
    to_ns: int,
    offered: frozenset[str],
) -> Timeline:
    """Lay out one capture between two stamps of one clock."""
    from_s, to_s = (from_ns - start_ns) / NANOSECONDS, (to_ns - start_ns) / NANOSECONDS
    to_s = max(to_s, from_s + _SHORTEST_S)

    def place(time_ns: int) -> float:
        return min(max((time_ns - start_ns) / NANOSECONDS, from_s), to_s)

    tried = [
        Moment(a.number, place(a.opened_ns), place(to_ns if a.closed_ns is None else a.closed_ns))
        for a in attempts
    ]
    begun = [place(step.began_ns) for step in steps]
    ends = [*begun[1:], to_s]
    return Timeline(
        from_s,
        to_s,
        tuple(_lane(name, rows, place, from_s, to_s) for name in LANES if name in offered),
        tuple(tried),
        tuple(Moment(n, s, e) for n, (s, e) in enumerate(zip(begun, ends, strict=False), 1)),
        tuple(Moment(n, place(m.time_ns), place(m.time_ns)) for n, m in enumerate(marks, 1)),
    )


def _lane(
    name: str, rows: Sequence[TimelineRow], place: _Place, from_s: float, to_s: float
) -> Lane:
    changes = [(place(row.time_ns), row.new) for row in rows if row.signal == name]
    if TERM[name].numeric:
        points = [(at_s, None if isinstance(v, str) else float(v)) for at_s, v in changes]
        if points:
            points.append((to_s, points[-1][1]))
        return Lane(name, points=_thinned(points))
    words = [(at_s, str(value)) for at_s, value in changes]
    first_s = words[0][0] if words else to_s
    if first_s - from_s > _WORTH_SAYING * (to_s - from_s):
        words.insert(0, (from_s, UNKNOWN))
    ends = [at_s for at_s, _ in words[1:]] + [to_s]
    segments = [Segment(s, e, w) for (s, w), e in zip(words, ends, strict=False) if e > s]
    return Lane(name, segments=_blended(segments))


def _blended(segments: list[Segment]) -> tuple[Segment, ...]:
    """Join what changes faster than a page can show into one segment that says so."""
    if len(segments) < FINENESS // 5:
        return tuple(segments)
    finest = (segments[-1].to_s - segments[0].from_s) / FINENESS
    joined: list[Segment] = []
    for segment in segments:
        is_fine = segment.to_s - segment.from_s < finest
        if is_fine and joined and joined[-1].word == CHANGING:
            joined[-1] = joined[-1]._replace(to_s=segment.to_s)
        else:
            joined.append(segment._replace(word=CHANGING) if is_fine else segment)
    return tuple(joined)


def _thinned(
    points: list[tuple[float, float | None]],
) -> tuple[tuple[float, float | None], ...]:
    """Keep the highest and the lowest of each of many slices of time."""
    if len(points) <= 2 * FINENESS:
        return tuple(points)
    size = -(-len(points) // FINENESS)
    kept: list[tuple[float, float | None]] = []
    for at in range(0, len(points), size):
        piece = points[at : at + size]
        known = [place for place, point in enumerate(piece) if point[1] is not None]
        ends = {0, len(piece) - 1}
        if known:
            ends |= {f(known, key=lambda place: piece[place][1] or 0.0) for f in (min, max)}
        kept += [piece[place] for place in sorted(ends)]
    return tuple(kept)
