"""How times, counts and dates are written in a report."""

from __future__ import annotations

from datetime import UTC, datetime

from evdiag.report.document import English, Text
from evdiag.report.model import Report
from evdiag.report.words import Words
from evdiag.vocabulary import TERM, Value

NOTHING = "–"


def place(report: Report, time_ns: int, words: Words) -> str:
    """Write where in the recording a stamp lies: ``0:16.1`` from its beginning."""
    if not report.clock_is_time:
        return NOTHING
    return minutes(report.offset_s(time_ns), words)


def minutes(seconds: float, words: Words) -> str:
    """Write a time as minutes and seconds, with hours where there are any."""
    sign = "−" if seconds < 0 else ""
    whole, tenth = divmod(round(abs(seconds) * 10), 10)
    hours, rest = divmod(whole, 3600)
    tail = f"{rest % 60:02d}{words('decimal')}{tenth}"
    return f"{sign}{hours}:{rest // 60:02d}:{tail}" if hours else f"{sign}{rest // 60}:{tail}"


def seconds(value: float | None, words: Words) -> str:
    """Write a delay, in the language's own decimals."""
    if value is None:
        return NOTHING
    return f"{value:.1f} s".replace(".", words("decimal"))


def day(time_ns: int | None, words: Words) -> str:
    """Write a date with its time, UTC."""
    if time_ns is None:
        return words("no_date")
    return f"{datetime.fromtimestamp(time_ns // 10**9, UTC):%Y-%m-%d %H:%M:%S} UTC"


def value_text(signal: str, value: Value | None, words: Words) -> str:
    """Write a reading with its unit."""
    if value is None:
        return words("not_offered")
    if isinstance(value, str):
        return words.of("values", value)
    return f"{value:.4g} {TERM[signal].unit}".replace(".", words("decimal")).strip()


def count(number: int) -> str:
    """Write a count, thousands apart."""
    return f"{number:,}".replace(",", "\u202f")


def evidence(level: str, words: Words) -> str:
    """Write an evidence level."""
    return words.of("evidence", level)


def joined(texts: tuple[Text, ...], by: str = " ") -> Text:
    """Put texts behind each other; English if one of them is."""
    plain = by.join(text.text if isinstance(text, English) else text for text in texts)
    return English(plain) if any(isinstance(text, English) for text in texts) else plain
