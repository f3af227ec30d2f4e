"""The times of a car over months, drawn."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest

from evdiag.recurrence.history import History, Repair
from evdiag.recurrence.series import Series, series_of
from evdiag.recurrence.trend import trend
from evdiag.recurrence.wording import month_ticks
from evdiag.report.document import Document, English, Paragraph, Picture, Verdict
from evdiag.report.html import html_page
from evdiag.report.pdf import pdf_page
from evdiag.report.trend_picture import MOST_MONTHS, trend_drawing
from evdiag.report.trend_section import trend_sections
from evdiag.reporting import words
from tests.recurrence.made import START_NS, Truth, made, step


def of(history: History) -> Series:
    return series_of(history, trend(history))


@pytest.fixture(scope="module")
def mended() -> Series:
    return of(made(1, Truth(release=step(100, math.log(2)), repairs=(180,))))


def test_the_same_history_gives_the_same_picture(mended: Series) -> None:
    svg = trend_drawing(mended, words("en"))
    assert svg == trend_drawing(mended, words("en"))
    assert ET.fromstring(svg).tag.endswith("svg")
    assert "<script" not in svg


def test_it_shows_failures_repairs_and_months(mended: Series) -> None:
    svg = trend_drawing(mended, words("en"))
    assert f"× failed ({len(mended.failures)})" in svg
    assert "2025-07-05" in svg
    assert "2025-02" in svg
    assert "Release time, s" in svg
    assert "Zeit bis offen, s" in trend_drawing(mended, words("de"))


def test_nothing_foreign_is_drawn() -> None:
    made_up = made(1)
    history = History(
        "<script>", "</svg>", made_up.unlockings, (), (Repair(START_NS, "<b>$x$</b>"),)
    )
    svg = trend_drawing(of(history), words("en"))
    assert "script" not in svg
    assert "$" not in svg
    ET.fromstring(svg)


def test_a_car_of_which_nothing_is_known_has_an_empty_picture() -> None:
    ET.fromstring(trend_drawing(of(History("new", "model")), words("en")))


def test_months_do_not_touch_each_other() -> None:
    days, names = month_ticks(20_100.0, 20_100.0 + 5 * 365, MOST_MONTHS)
    assert 4 <= len(days) == len(names) <= 9
    assert month_ticks(20_089.0, 20_130.0, MOST_MONTHS)[1] == ["2025-01", "2025-02"]
    assert month_ticks(20_100.5, 20_101.0, MOST_MONTHS) == ([], [])


def page(history: History, language: str) -> Document:
    spoken = words(language)
    sections = trend_sections(history, trend(history), spoken)
    verdict = Verdict("good", "–", "nothing", "", ())
    about = (("Car", "M-AB 123"),)
    return Document(language, "report", "case", about, verdict, sections, "", "of")


def test_a_page_holds_sentences_and_pictures() -> None:
    history = made(1, Truth(release=step(100, math.log(2)), lock=step(200, math.log(2))))
    document = page(history, "de")
    [section] = document.sections
    note, *said = [block.text for block in section.blocks if isinstance(block, Paragraph)]
    assert note == "Diese Sätze gibt es nur auf Englisch."
    assert said
    assert all(isinstance(text, English) for text in said)
    pictures = [block for block in section.blocks if isinstance(block, Picture)]
    assert [picture.shown.what for picture in pictures] == ["release", "lock"]
    text = html_page(document, words("de"))
    assert "Release time has doubled since April 2025" in text
    assert text.count("<svg") == 2
    assert "Zeit bis verriegelt, s" in text
    assert pdf_page(document, words("de"), None).startswith(b"%PDF")


def test_of_a_car_of_which_nothing_is_known_there_is_no_section() -> None:
    assert page(History("new", "model"), "en").sections == ()
