"""Stamps as text, into integer nanoseconds; never through a float."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

TimeUnit: TypeAlias = Literal["s", "ms", "us", "ns"]

UNIT_NS: Final[dict[TimeUnit, int]] = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Nanoseconds in one unit of a stamp column; each is a thousandth of the one before."""

DAY_NS: Final = 86_400 * 10**9

LATEST_NS: Final = 1 << 62
"""About 146 years: a stamp further from its origin (1970 at the earliest) is none."""

_MOST_DIGITS: Final = 4000
"""Python makes no number of more than 4300 digits, and says so in words for programmers."""

_FIRST_DATE_NS: Final = 631_152_000 * 10**9
"""1990: a clock that counts from when its logger was switched on does not come so far."""

_DIGITS: Final[dict[int, int]] = {10**9: 9, 10**6: 6, 10**3: 3, 1: 0}
_CLOCK = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:([.,:])(\d{1,9}))?")


def is_date(time_ns: int | None) -> bool:
    """Tell whether a time is one that a clock could show, and not one since its logger began."""
    return time_ns is not None and time_ns >= _FIRST_DATE_NS


def stamp_ns(text: str, unit_ns: int) -> int:
    """Return a decimal number of units (``12.51``, ``-3``, ``26,641405``, ``1.5E+06``) in ns.

    Digits finer than a nanosecond are cut off.

    Raises:
        ValueError: `text` is not a number.
    """
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a stamp of {len(text)} characters")
    whole, point, fraction = text.replace(",", ".").partition(".")
    if not point:
        if "E" in whole or "e" in whole:
            return _scientific_ns(whole, unit_ns)
        return int(whole) * unit_ns
    if not fraction.isdecimal():
        return _scientific_ns(f"{whole}.{fraction}", unit_ns) if fraction else int(whole) * unit_ns
    digits = _DIGITS[unit_ns]
    parts = int(fraction[:digits].ljust(digits, "0") or "0")
    units = int(whole or "0") if whole != "-" else 0
    return units * unit_ns - parts if whole.startswith("-") else units * unit_ns + parts


def _scientific_ns(text: str, unit_ns: int) -> int:
    from decimal import Decimal

    try:
        number = Decimal(text)
        # Written out, a number of so many digits would fill the memory.
        if number.adjusted() > _MOST_DIGITS:
            raise ValueError(f"no time: {text}")
        return int(number * unit_ns)
    except (ArithmeticError, OverflowError):
        raise ValueError(f"not a number: {text}") from None


def clock_ns(text: str) -> int:
    """Return a time of day in ns since midnight.

    After a point (or comma) stands a decimal fraction (``17:18:39.503``; PP2CAN adds
    ``:2993.00``, which is left out). After a colon stands a count: of milliseconds up to three
    digits (``22:20:15:2``), of 100 microseconds with four (``11:49:12:9420``).

    Raises:
        ValueError: `text` is not a time of day.
    """
    match = _CLOCK.match(text)
    if match is None:
        raise ValueError(f"not a time of day: {text}")
    hours, minutes, seconds, mark, fraction = match.groups()
    whole_ns = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 10**9
    if fraction is None:
        return whole_ns
    if mark == ":":
        return whole_ns + int(fraction.rjust(3, "0").ljust(9, "0"))
    return whole_ns + int(fraction.ljust(9, "0"))


def seconds_or_date_ns(text: str) -> int:
    """Return seconds (``12.51``) or a date and time (``2020-12-19 12:04:45.485261``) in ns.

    Raises:
        ValueError: `text` is neither.
    """
    return date_ns(text) if "-" in text[1:] else stamp_ns(text, 10**9)


def compact_date_ns(text: str) -> int:
    """Return a CL2000 stamp (``01T022232171``, ``20170101T022232171``) in ns.

    Without a month the day of the month counts days from an origin of its own.

    Raises:
        ValueError: `text` is no such stamp.
    """
    day, mark, clock = text.strip().rpartition("T")
    digits = re.sub(r"\D", "", clock)
    if len(digits) < 6:
        raise ValueError(f"not a time: {text}")
    time_ns = clock_ns(f"{digits[:2]}:{digits[2:4]}:{digits[4:6]}.{digits[6:] or '0'}")
    date = re.sub(r"\D", "", day)
    if len(date) == 8:
        return date_ns(f"{date[:4]}-{date[4:6]}-{date[6:]} 00:00:00") + time_ns
    return (int(date[-2:]) if mark and date else 0) * DAY_NS + time_ns


def spreadsheet_date_ns(days: str) -> int:
    """Return a date as spreadsheets and PEAK's tools count it (days since 1899-12-30) in ns.

    Raises:
        ValueError: `days` is not a number.
    """
    return (stamp_ns(days, 10**9) * 86_400 - 25_569 * DAY_NS) // 1000 * 1000


def date_ns(text: str) -> int:
    """Return a date and time of day (``2020-12-19 12:04:45.485261``), taken as UTC, in ns.

    Raises:
        ValueError: `text` is not such a date.
    """
    whole, _, fraction = text.replace(",", ".").partition(".")
    moment = datetime.strptime(whole.replace("T", " "), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 10**9 + int(fraction[:9].ljust(9, "0"))


def seconds_text(time_ns: int, digits: int = 6) -> str:
    """Write a time in seconds with `digits` decimals, cutting off what is finer."""
    units = abs(time_ns) // 10 ** (9 - digits)
    whole, parts = divmod(units, 10**digits)
    sign = "-" if time_ns < 0 and units else ""
    return f"{sign}{whole}.{parts:0{digits}d}"
