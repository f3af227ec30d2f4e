"""What front ends draw: series, sparklines, the list of the workshop."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from evdiag.recurrence.history import History, Locking, Unlocking
from evdiag.recurrence.series import Series, medians, series_of
from evdiag.recurrence.sparkline import BLOCKS, PLAIN, sparkline
from evdiag.recurrence.trend import trend
from evdiag.recurrence.workshop import workshop
from tests.recurrence.made import DAY_NS, START_NS, Truth, made, rising, step, year


def series(truth: Truth) -> Series:
    history = made(1, truth)
    return series_of(history, trend(history))


def test_the_line_follows_a_step() -> None:
    drawn = series(Truth(release=step(180, math.log(2))))
    before, after = drawn.strokes
    assert before.to_ns == after.from_ns
    assert before.from_s == before.to_s
    assert 1.8 < after.from_s / before.to_s < 2.2
    assert abs(before.to_ns - START_NS - 180 * DAY_NS) < 10 * DAY_NS


def test_the_line_follows_a_drift() -> None:
    [stroke] = series(Truth(release=year(math.log(1.6)))).strokes
    assert 1.4 < stroke.to_s / stroke.from_s < 1.8


def test_before_and_after_a_repair_that_helped_there_are_lines_of_their_own() -> None:
    drawn = series(Truth(release=step(100, math.log(2), 180), repairs=(180,)))
    assert len(drawn.strokes) == 2
    assert drawn.strokes[-1].to_ns < drawn.repairs[0].time_ns


def test_where_nothing_changed_there_is_no_line() -> None:
    drawn = series(Truth())
    assert drawn.strokes == ()
    assert len(drawn.points) > 300
    assert drawn.failures
    assert {mark.text for mark in drawn.failures} <= {"no_response", "stalled"}


def test_one_very_long_time_does_not_flatten_the_picture() -> None:
    minutes = [Unlocking(n * DAY_NS, "s", "released", 0.4) for n in range(60)]
    slow = Unlocking(61 * DAY_NS, "s", "released", 45.0)
    history = History("car", "model", (*minutes, slow))
    assert series_of(history, trend(history)).highest_s < 1


def test_the_time_to_lock_is_a_series_of_its_own() -> None:
    history = History("car", "model", (), (Locking(1, "s", 0.5), Locking(2, "s", None)))
    drawn = series_of(history, trend(history), "lock")
    assert [point.seconds for point in drawn.points] == [0.5]
    assert [mark.text for mark in drawn.failures] == ["did not lock"]
    assert series_of(history, trend(history)).points == ()


def test_medians_of_equal_parts_with_gaps() -> None:
    drawn = series_of(
        History(
            "car",
            "model",
            tuple(
                Unlocking(at, "s", "released", seconds)
                for at, seconds in ((0, 1.0), (1, 3.0), (100, 5.0))
            ),
        ),
        trend(History("car", "model")),
    )
    assert medians(drawn.points, (0, 100), 4) == [2.0, None, None, 5.0]
    assert medians((), (0, 100), 3) == [None] * 3
    assert medians(drawn.points[:1], (0, 0), 2)[0] == 1.0


@given(st.lists(st.none() | st.floats(0, 1e9), max_size=40), st.sampled_from([BLOCKS, PLAIN]))
def test_a_sparkline_has_a_sign_for_each_number(values: list[float | None], signs: str) -> None:
    line = sparkline(values, signs)
    assert len(line) == len(values)
    for value, sign in zip(values, line, strict=True):
        assert (sign == " ") == (value is None)
    known = [value for value in values if value is not None]
    if any(known):
        assert line[values.index(max(known))] == signs[-1]


def test_a_sparkline_counts_from_zero() -> None:
    assert sparkline([0.0, 1.0, 2.0, None, 4.0]) == "▁▃▅ █"
    assert sparkline([0.4, 0.4]) == "██"
    assert sparkline([0.0, 0.0], PLAIN) == "__"


def test_the_workshop_list_has_the_worst_first() -> None:
    cars = [
        made(1, name="fine"),
        made(2, Truth(failing=lambda _day: 0.3), name="fails often"),
        made(3, Truth(release=step(180, math.log(2))), name="doubled"),
        made(4, Truth(release=step(180, math.log(3))), name="tripled"),
        made(5, Truth(failing=rising(180, 0.3, 0.02), sessions_a_day=2.4), name="better"),
        History("new", "model"),
    ]
    rows = [car.row for car in workshop(cars)]
    assert [row.name for row in rows] == [
        "tripled", "doubled", "fails often", "fine", "new", "better",
    ]  # fmt: skip
    first = rows[0]
    assert first.said is not None
    assert first.said.kind == "release_step"
    assert first.severity == "worse"
    assert first.now_s is not None
    assert first.before_s is not None
    assert first.now_s > first.before_s
    assert len(first.course) == 12
    new = rows[4]
    assert (new.unlocks, new.now_s, new.said, new.severity) == (0, None, None, "neutral")
