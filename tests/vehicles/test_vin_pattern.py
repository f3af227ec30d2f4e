"""What a profile may say of a VIN is always fast to match, and fits numbers that there can be."""

from __future__ import annotations

import re
from time import process_time

import pytest

from evdiag.vehicles.vin_pattern import MOST_WAYS, VIN_LENGTH, example_vin, wrong_pattern

GOOD = [
    "WBY[178]Z.*",
    "(5YJ|LRW|7SA|XP7)[3Y].*",
    "(?:SJNFAAZE1|JN1.AZE1|1N4.Z1).*",
    "EVD1AG0REFERENCE[0-9]",
    "VF1AG.{12}",
    "[A-C4]{3}(X|YZ)0.*",
    "(AB|ABC)(12345678901234|99)",
    ".*",
]


@pytest.mark.parametrize("pattern", GOOD)
def test_a_good_one_is_taken_and_fits_its_example(pattern: str) -> None:
    assert wrong_pattern(pattern) == ""
    vin = example_vin(pattern)
    assert vin is not None
    assert len(vin) == VIN_LENGTH
    assert re.fullmatch(pattern, vin)


@pytest.mark.parametrize(
    "pattern",
    ["(A+)+B", "(A|A)*B", "A*", ".*B", "((A|B)|C).*", "A?", r"(A)\1.*", "(?=A).*", "[^A].*", "a.*",
     "^WBY.*$", "A|B", "(", "[]", "[9-0].*", "A{1,3}.*", "A{999}", "(" * 5000, "A{9999999999}"],
)  # fmt: skip
def test_what_may_take_for_ever_or_is_none_is_refused(pattern: str) -> None:
    assert wrong_pattern(pattern).startswith("is not understood")


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("WBY8P", "17 characters; where the rest may be anything, end it in .*"),
        ("W{18}.*", "fits no VIN, which has 17 characters"),
        ("(A|B)" * 12, f"has more than {MOST_WAYS} ways"),
        ("(|)" * 5000, f"has more than {MOST_WAYS} ways"),
    ],
)
def test_what_no_vin_can_fit_is_refused(pattern: str, what: str) -> None:
    assert what in wrong_pattern(pattern)


def test_the_slowest_that_is_taken_says_no_at_once() -> None:
    pattern = "(A|A|A|A|A|A|A|A|A|A)" * 3 + "[A-Z]{13}B"
    assert wrong_pattern(pattern) == ""
    began = process_time()
    assert re.fullmatch(pattern, "A" * VIN_LENGTH) is None
    assert process_time() - began < 0.1
