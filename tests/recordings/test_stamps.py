"""Stamps as text: whole nanoseconds, or no number at all."""

from __future__ import annotations

import pytest

from evdiag.recordings.stamps import stamp_ns


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("12.51", 12_510_000_000),
        ("-3", -3_000_000_000),
        ("26,641405", 26_641_405_000),
        ("1.5E+06", 1_500_000_000_000_000),
        ("1E-999999999", 0),
    ],
)
def test_numbers_become_nanoseconds(text: str, time_ns: int) -> None:
    assert stamp_ns(text, 10**9) == time_ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1E+999999999",
        "1.5E+999990",
        "1E99999999999999999999",
        "9" * 5000,
        "1." + "9" * 5000,
    ],
)
def test_what_is_no_time_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        stamp_ns(text, 10**9)
