"""How numbers, days and changes are written."""

from __future__ import annotations

import math

import numpy as np

from evdiag.recurrence.sentence import Severity

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_NAMED = ((1.9, 2.15, "doubled"), (2.85, 3.2, "tripled"), (0.46, 0.54, "halved"))


def month_text(day: float) -> str:
    """Return the month of a day counted since 1970, in UTC: ``March 2026``."""
    months = int(np.datetime64(int(day), "D").astype("datetime64[M]").astype(int))
    return f"{MONTHS[months % 12]} {1970 + months // 12}"


def day_text(day: float) -> str:
    """Return a day counted since 1970, in UTC: ``12 May 2026``."""
    date = np.datetime64(int(day), "D")
    of_month = int((date - date.astype("datetime64[M]")).astype(int)) + 1
    return f"{of_month} {month_text(day)}"


def month_ticks(first: float, last: float, most: int) -> tuple[list[float], list[str]]:
    """Return the beginnings of months between two days since 1970, at most so many, and names."""
    months = np.arange(
        np.datetime64(int(first), "D").astype("datetime64[M]"),
        np.datetime64(int(last), "D").astype("datetime64[M]") + np.timedelta64(1, "M"),
    )
    days = months.astype("datetime64[D]").astype(np.int64)
    kept = [number for number, day in enumerate(days) if first <= day <= last]
    kept = kept[:: max(1, -(-len(kept) // most))]
    return [float(days[number]) for number in kept], [str(months[number]) for number in kept]


def seconds_text(seconds: float) -> str:
    """Return seconds: ``0.42 s``."""
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"


def percent_text(share: float) -> str:
    """Return a share: ``93 %``, and below one in a hundred ``0.4 %``."""
    percent = 100 * share
    return f"{percent:.1f} %" if 0 < percent < 0.95 else f"{percent:.0f} %"


def percent_range(low: float, high: float) -> str:
    """Return an interval of shares: ``80 to 98 %``."""
    return f"{percent_text(low).removesuffix(' %')} to {percent_text(high)}"


def changed_text(ratio: float) -> str:
    """Return what a ratio of times means: ``doubled``, ``grown by 60 %``, ``fallen by 20 %``."""
    for low, high, word in _NAMED:
        if low <= ratio <= high:
            return word
    if ratio > 3.2:
        return f"grown {ratio:.1f}-fold"
    return f"{'grown' if ratio > 1 else 'fallen'} by {100 * abs(ratio - 1):.0f} %"


def judged(log_ratio: float) -> Severity:
    """Return what it means that a time or a rate of failures has grown or fallen."""
    if log_ratio == 0 or not math.isfinite(log_ratio):
        return "neutral"
    return "worse" if log_ratio > 0 else "better"
