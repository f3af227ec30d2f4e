"""The true unit of a stamp column, from the cycle times of known ids."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.recordings.time_unit import FEWEST_IDS, corrected_unit, guess_time_power

EXPECTED = {0x3B4: 200, 0x112: 10, 0x12F: 100, 0x2FC: 100}


@pytest.mark.parametrize("power", [0, 1, -1])
def test_the_power_is_found_from_noisy_periods(power: int) -> None:
    noise = (Fraction(8, 10), Fraction(12, 10), Fraction(1), Fraction(1))
    observed = {
        key: int(period * 10**6 / Fraction(1000) ** power * share)
        for (key, period), share in zip(EXPECTED.items(), noise, strict=True)
    }
    assert guess_time_power(observed, EXPECTED) == power


def test_two_ids_are_too_few() -> None:
    observed = {0x3B4: 200_000_000, 0x112: 10_000_000}
    assert guess_time_power(observed, EXPECTED) is None


def test_ids_that_disagree_decide_nothing() -> None:
    observed = {0x3B4: 200_000_000, 0x112: 10_000, 0x12F: 7_000_000, 0x2FC: 999}
    assert guess_time_power(observed, EXPECTED) is None


@given(st.dictionaries(st.integers(0, 0x7FF), st.integers(0, 10**13), max_size=8))
def test_a_counter_or_anything_else_never_raises(observed: dict[int, int]) -> None:
    guess_time_power(observed, dict.fromkeys(observed, 100))


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.sampled_from([-3, -1, 0, 2]))
def test_near_is_within_thirty_percent(expected_ms: int, observed_ns: int, power: int) -> None:
    ratio = Fraction(expected_ms * 10**6, observed_ns) / Fraction(1000) ** power
    is_near = abs(ratio - 1) <= Fraction(3, 10)
    ids = range(FEWEST_IDS)
    guessed = guess_time_power(dict.fromkeys(ids, observed_ns), dict.fromkeys(ids, expected_ms))
    assert (guessed == power) == is_near


@pytest.mark.parametrize("share", [Fraction(7, 10), Fraction(13, 10)])
def test_thirty_percent_are_near(share: Fraction) -> None:
    expected_ms = int(1000 * share)
    ids = range(FEWEST_IDS)
    observed = dict.fromkeys(ids, 10**9)
    assert guess_time_power(observed, dict.fromkeys(ids, expected_ms)) == 0
    further = expected_ms + (1 if share > 1 else -1)
    assert guess_time_power(observed, dict.fromkeys(ids, further)) is None


def test_corrected_unit() -> None:
    assert corrected_unit("us", 1) == "ms"
    assert corrected_unit("us", 0) == "us"
    assert corrected_unit("us", -1) == "ns"
    assert corrected_unit("s", 1) is None
    assert corrected_unit("ns", -1) is None
