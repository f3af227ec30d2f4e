"""Finds the true unit of a stamp column from the cycle times of the car's ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from evdiag.recordings.stamps import UNIT_NS, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evdiag.inputs import FrameKey

FEWEST_IDS: Final = 3
TOLERANCE_PERCENT: Final = 30

_POWERS: Final = range(-3, 4)


def guess_time_power(
    observed_median_period_ns: Mapping[FrameKey, int],
    expected_period_ms: Mapping[FrameKey, int],
) -> int | None:
    """Return by what power of a thousand stamps must be multiplied to give ids their known cycle.

    0 when the unit is right, 1 for milliseconds read as microseconds. None when fewer than three
    ids are known, or when they do not agree: at least three, and most of those known, must lie
    within 30 % of their cycle with the same power.
    """
    periods_ns = [
        (expected_period_ms[key] * 10**6, period_ns)
        for key, period_ns in observed_median_period_ns.items()
        if period_ns > 0 and expected_period_ms.get(key, 0) > 0
    ]
    for power in _POWERS:
        agreeing = sum(_is_near(*pair, power) for pair in periods_ns)
        if agreeing >= FEWEST_IDS and 2 * agreeing > len(periods_ns):
            return power
    return None


def _is_near(expected_ns: int, observed_ns: int, power: int) -> bool:
    """Tell whether `expected_ns` is `observed_ns`, so often a thousand times, within 30 %."""
    expected_ns *= 1000 ** max(-power, 0)
    observed_ns *= 1000 ** max(power, 0)
    return 100 * abs(expected_ns - observed_ns) <= TOLERANCE_PERCENT * observed_ns


def corrected_unit(written_in: TimeUnit, power: int) -> TimeUnit | None:
    """Return the unit that so many powers of a thousand make of the format's own unit.

    None if there is none.
    """
    units = list(UNIT_NS)
    place = units.index(written_in) - power
    return units[place] if 0 <= place < len(units) else None
