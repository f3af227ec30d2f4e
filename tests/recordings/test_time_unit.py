"""The true unit of a stamp column, from the cycle times of known ids."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.recordings.time_unit import corrected_unit, guess_time_factor

EXPECTED = {0x3B4: 200, 0x112: 10, 0x12F: 100, 0x2FC: 100}


@pytest.mark.parametrize("factor", [Fraction(1), Fraction(1000), Fraction(1, 1000)])
def test_factor_is_found_from_noisy_periods(factor: Fraction) -> None:
    noise = (Fraction(8, 10), Fraction(12, 10), Fraction(1), Fraction(1))
    observed = {
        key: int(period * 10**6 / factor * share)
        for (key, period), share in zip(EXPECTED.items(), noise, strict=True)
    }
    assert guess_time_factor(observed, EXPECTED) == factor


def test_two_ids_are_too_few() -> None:
    observed = {0x3B4: 200_000_000, 0x112: 10_000_000}
    assert guess_time_factor(observed, EXPECTED) is None


def test_ids_that_disagree_decide_nothing() -> None:
    observed = {0x3B4: 200_000_000, 0x112: 10_000, 0x12F: 7_000_000, 0x2FC: 999}
    assert guess_time_factor(observed, EXPECTED) is None


@given(st.dictionaries(st.integers(0, 0x7FF), st.integers(0, 10**13), max_size=8))
def test_a_counter_or_anything_else_never_raises(observed: dict[int, int]) -> None:
    guess_time_factor(observed, dict.fromkeys(observed, 100))


def test_corrected_unit() -> None:
    assert corrected_unit("us", Fraction(1000)) == "ms"
    assert corrected_unit("us", Fraction(1)) == "us"
    assert corrected_unit("s", Fraction(1000)) is None
