"""Lanes: what held from when to when, and no more of it than a page can show."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.port.readings import TimelineRow
from evdiag.report.model import Lane, Moment, Segment, Timeline
from evdiag.report.picture import drawing
from evdiag.report.timeline import CHANGING, FINENESS, timeline_of
from evdiag.reporting import words
from evdiag.vocabulary import STALE, Value

S = 1_000_000_000


def laid_out(changes: list[tuple[float, str, Value]], to_s: float = 100.0) -> Timeline:
    rows = [TimelineRow(round(at * S), name, None, value, 0, 0) for at, name, value in changes]
    offered = frozenset(row.signal for row in rows)
    return timeline_of(
        rows, (), (), (), start_ns=0, from_ns=0, to_ns=round(to_s * S), offered=offered
    )


def lane(timeline: Timeline, name: str) -> Lane:
    return next(lane for lane in timeline.lanes if lane.signal == name)


def test_a_word_holds_until_the_next() -> None:
    made = laid_out([(1.0, "port.lock", "locked"), (5.0, "port.lock", "unlocked")])
    assert lane(made, "port.lock").segments == (
        Segment(0.0, 1.0, "unknown"),
        Segment(1.0, 5.0, "locked"),
        Segment(5.0, 100.0, "unlocked"),
    )


def test_a_number_that_is_not_known_is_a_hole() -> None:
    made = laid_out([(1.0, "port.inlet_voltage", 400.0), (2.0, "port.inlet_voltage", STALE)])
    assert lane(made, "port.inlet_voltage").points == ((1.0, 400.0), (2.0, None), (100.0, None))


def test_what_chatters_is_said_to_chatter() -> None:
    words_ = ("locked", "unlocked")
    chatter = [(10 + n * 0.001, "port.lock", words_[n % 2]) for n in range(2000)]
    segments = lane(laid_out(chatter), "port.lock").segments
    assert [segment.word for segment in segments] == ["unknown", CHANGING, "unlocked"]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 99), st.floats(0, 900)), min_size=1, max_size=20))
def test_a_thinned_number_keeps_its_extremes(found: list[tuple[float, float]]) -> None:
    many = sorted(found * (4 * FINENESS // len(found)))
    points = lane(
        laid_out([(at, "port.inlet_voltage", v) for at, v in many]), "port.inlet_voltage"
    ).points
    values = [value for _, value in points if value is not None]
    assert len(points) <= 4 * FINENESS + 4
    assert (min(values), max(values)) == (min(v for _, v in many), max(v for _, v in many))
    assert [at for at, _ in points] == sorted(at for at, _ in points)


def test_the_drawing_is_the_same_each_time_and_speaks_without_colour() -> None:
    made = laid_out([(1.0, "port.lock", "locked"), (50.0, "port.lock", STALE)])
    drawn = drawing(made, words("en"))
    assert drawn == drawing(made, words("en"))
    assert "locked</text>" in drawn
    assert "no longer sent</text>" in drawn
    assert "pattern" in drawn, "what is not known is hatched"


def test_a_closer_look_draws_only_what_is_near() -> None:
    made = laid_out(
        [(1.0, "port.pilot", "A"), (50.0, "port.pilot", "C2"), (60.0, "port.pilot", "B2")]
    )
    drawn = drawing(made.between(45.0, 58.0), words("en"))
    assert "C2</text>" in drawn
    assert "B2</text>" not in drawn


def test_moments_outside_the_picture_are_left_out() -> None:
    made = laid_out([(1.0, "port.lock", "locked")])
    from dataclasses import replace

    marked = replace(made, marks=(Moment(1, 3.0, 3.0), Moment(2, 90.0, 90.0)))
    near = drawing(marked.between(80.0, 100.0), words("en"))
    assert " 2</text>" in near
    assert " 1</text>" not in near
