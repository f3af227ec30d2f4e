"""What changed over the months, as a part of a case's page: a picture, and sentences."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.recurrence.history import History
from evdiag.recurrence.series import Series, series_of
from evdiag.recurrence.trend import Trend
from evdiag.report.document import Block, English, Paragraph, Picture, Section
from evdiag.report.words import Words


def trend_sections(history: History, trend: Trend, words: Words) -> tuple[Section, ...]:
    """Return the section on a car's history; none where there is nothing to say."""
    if not trend.sentences:
        return ()
    return (Section(words("trend_title"), tuple(_blocks(history, trend, words))),)


def _blocks(history: History, trend: Trend, words: Words) -> Iterator[Block]:
    if words.language != "en":
        yield Paragraph(words("english_trend_note"), quiet=True)
    for sentence in trend.sentences:
        text = f"{sentence.text}."
        yield Paragraph(text if words.language == "en" else English(text))
    release = series_of(history, trend)
    if release.points:
        yield _picture(release, words)
    lock = series_of(history, trend, "lock")
    if lock.strokes:
        yield _picture(lock, words)


def _picture(series: Series, words: Words) -> Picture:
    places = {"points": str(len(series.points)), "failures": str(len(series.failures))}
    return Picture(series, words("trend_picture"), words("trend_alternative", **places))
