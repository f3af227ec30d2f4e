"""What counts as a failure, what belongs together, and how sure a rate is."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.port.attempt import Outcome
from evdiag.recurrence.days import DAY_NS, daily, release_samples
from evdiag.recurrence.episodes import episodes
from evdiag.recurrence.history import Circumstances, Unlocking
from evdiag.recurrence.outcomes import JUDGED
from evdiag.recurrence.rates import rate, rate_of_unlocks
from evdiag.recurrence.wording import (
    changed_text,
    day_text,
    month_text,
    percent_range,
    percent_text,
    seconds_text,
)

MINUTE = 60 * 10**9


def unlocking(minute: float, outcome: Outcome, after_s: float | None = None) -> Unlocking:
    return Unlocking(int(minute * MINUTE), "s", outcome, after_s)


def test_every_outcome_is_judged() -> None:
    assert set(JUDGED) == set(get_args(Outcome))
    assert JUDGED["relocked"] == "opened"
    assert JUDGED["session_active"] == "neither"
    assert JUDGED["pulled_while_locked"] == "failed"


def test_tries_within_ten_minutes_are_one_occasion_until_the_plug_is_out() -> None:
    tried = [
        unlocking(0, "no_response"),
        unlocking(1, "session_active"),
        unlocking(2, "relocked"),
        unlocking(11, "released"),
        unlocking(12, "released"),
        unlocking(40, "stalled"),
        unlocking(51, "stalled"),
    ]
    found = episodes(tried)
    assert [len(each.tries) for each in found] == [3, 1, 1, 1]
    assert [each.retries for each in found] == [2, 0, 0, 0]
    assert [each.failed_at_first for each in found] == [True, False, True, True]
    assert [each.ended_well for each in found] == [True, True, False, False]


def test_a_rate_leaves_out_what_says_nothing_of_the_lock() -> None:
    tried = [unlocking(n * 2000, "released") for n in range(37)]
    tried += [unlocking(n * 2000 + 500, "stalled") for n in range(3)]
    tried += [unlocking(n * 2000 + 700, "session_active") for n in range(9)]
    found = rate_of_unlocks(tried)
    assert (found.failed, found.tried) == (3, 40)
    assert found.share == pytest.approx(0.075)
    # Clopper and Pearson's bounds of 3 of 40, as tables have them.
    assert (found.low, found.high) == (
        pytest.approx(0.0157, abs=1e-4),
        pytest.approx(0.2039, abs=1e-4),
    )


def test_failures_that_stick_together_are_less_sure() -> None:
    failed = [n < 10 for n in range(100)]
    apart = rate(failed, [float(n) for n in range(100)])
    heaped = rate(failed, [float(n // 10) for n in range(100)])
    assert heaped.share == apart.share
    assert heaped.low < apart.low
    assert heaped.high > apart.high


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1e4)), max_size=30))
def test_a_rate_lies_within_its_bounds(tries: list[tuple[bool, float]]) -> None:
    found = rate([failed for failed, _ in tries], [day for _, day in tries])
    assert 0 <= found.low <= found.high <= 1
    assert math.isnan(found.share) if not tries else found.low <= found.share <= found.high


def test_a_day_counts_once() -> None:
    noon = DAY_NS // 2
    tried = [
        Unlocking(noon, "a", "released", 0.4, Circumstances(3.0, 12.5, "ac")),
        Unlocking(noon + MINUTE, "a", "relocked", 0.6, Circumstances(None, 12.1, "dc")),
        Unlocking(noon + 2 * MINUTE, "a", "stalled", 9.0),
        Unlocking(noon + 3 * MINUTE, "a", "released", None),
        Unlocking(noon + DAY_NS, "b", "left_open", 0.0),
        Unlocking(noon + DAY_NS, "b", "released", math.nan),
    ]
    days = daily(release_samples(tried))
    assert len(days) == 2
    assert days.attempts == 3
    assert math.exp(days.log_s[0]) == pytest.approx(math.sqrt(0.4 * 0.6))
    assert math.exp(days.log_s[1]) == pytest.approx(0.01)
    assert days.temperature[0] == 3.0
    assert np.isnan(days.temperature[1])
    assert days.supply[0] == pytest.approx(12.3)
    assert len(daily(release_samples(tried), by_charger=True)) == 3


def test_numbers_are_written_for_people() -> None:
    may = float(np.datetime64("2026-05-12", "D").astype(int))
    assert (day_text(may + 0.9), month_text(may)) == ("12 May 2026", "May 2026")
    assert [changed_text(r) for r in (2.0, 0.5, 3.0, 1.6, 0.8, 4.25)] == [
        "doubled", "halved", "tripled", "grown by 60 %", "fallen by 20 %", "grown 4.2-fold",
    ]  # fmt: skip
    assert [seconds_text(s) for s in (0.413, 12.3)] == ["0.41 s", "12 s"]
    assert [percent_text(s) for s in (0.0, 0.004, 0.93, 1.0)] == ["0 %", "0.4 %", "93 %", "100 %"]
    assert percent_range(0.8, 0.98) == "80 to 98 %"
