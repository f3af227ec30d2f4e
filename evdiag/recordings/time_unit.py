"""Finds the true unit of a stamp column from the cycle times of the car's ids."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from evdiag.recordings.stamps import UNIT_NS, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evdiag.inputs import FrameKey

FEWEST_IDS: Final = 3
TOLERANCE: Final = Fraction(3, 10)

_FACTORS: Final = tuple(Fraction(1000) ** power for power in range(-3, 4))


def guess_time_factor(
    observed_median_period_ns: Mapping[FrameKey, int],
    expected_period_ms: Mapping[FrameKey, int],
) -> Fraction | None:
    """Return by what the stamps must be multiplied so that known ids have their known cycle.

    A power of a thousand: 1 when the unit is right, 1000 for milliseconds read as microseconds.
    None when fewer than three ids are known, or when they do not agree: at least three, and most
    of those known, must lie within 30 % of their cycle with the same factor.
    """
    ratios = [
        Fraction(expected_period_ms[key] * 10**6, period_ns)
        for key, period_ns in observed_median_period_ns.items()
        if period_ns > 0 and expected_period_ms.get(key, 0) > 0
    ]
    for factor in _FACTORS:
        agreeing = sum(1 for ratio in ratios if abs(ratio / factor - 1) <= TOLERANCE)
        if agreeing >= FEWEST_IDS and 2 * agreeing > len(ratios):
            return factor
    return None


def corrected_unit(written_in: TimeUnit, factor: Fraction) -> TimeUnit | None:
    """Return the unit that `factor` makes of the format's own unit, None if there is none."""
    wanted_ns = UNIT_NS[written_in] * factor
    return next((unit for unit, size_ns in UNIT_NS.items() if size_ns == wanted_ns), None)
