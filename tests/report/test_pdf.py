"""The PDF: words that can be selected, embedded fonts, page numbers, the picture as vectors."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from evdiag.report.contents import document_of
from evdiag.report.pdf import pdf_page
from evdiag.reporting import words
from tests.guide.stories import shipped as story
from tests.guide.stranded import Stranded
from tests.report.guided import journal_of
from tests.report.reading import pdf_words, report, shipped


def pdf(name: str, language: str = "en") -> bytes:
    made = report(name, language)
    spoken = words(language)
    return pdf_page(document_of(made, spoken), spoken, made.facts.date_ns)


@pytest.fixture(scope="module")
def pages() -> bytes:
    return pdf(shipped("relock-before-pull"))


def test_its_words_can_be_selected(pages: bytes) -> None:
    said = pdf_words(pages)
    assert "The lock opened and closed again by itself 10.0 s after it opened" in said
    assert "✘ opened, and locked again" in said
    assert "request → released" in said
    assert "Frames transmitted" in said


def test_pages_are_numbered_a4(pages: bytes) -> None:
    reader = PdfReader(BytesIO(pages))
    many = len(reader.pages)
    assert many > 1
    for number, page in enumerate(reader.pages, start=1):
        assert f"{number} of {many}" in " ".join(page.extract_text().split())
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]


def test_every_font_is_embedded(pages: bytes) -> None:
    fonts: dict[str, Any] = {}
    for page in PdfReader(BytesIO(pages)).pages:
        fonts |= dict(page["/Resources"].get("/Font", {}))
    assert fonts
    for font in fonts.values():
        inside = font.get_object()["/DescendantFonts"][0].get_object()
        descriptor = inside["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)


def test_the_picture_is_no_bitmap(pages: bytes) -> None:
    reader = PdfReader(BytesIO(pages))
    assert sum(len(page.images) for page in reader.pages) == 0
    assert "minutes : seconds from the beginning" in pdf_words(pages)


def test_german_is_set_with_its_letters() -> None:
    said = pdf_words(pdf(shipped("fob-not-heard"), "de"))
    assert "der Funkschlüssel wird nicht gehört" in said
    assert "Außentemperatur" in said


def test_a_guided_recording_is_set_whole(tmp_path: Path) -> None:
    driver = Stranded(story("fob-not-heard"))
    assert driver.be_guided() == "released"
    said = pdf_words(pdf(str(journal_of(driver, tmp_path))))
    assert "Steps tried" in said
    assert "unlock at the driver's door" in said.replace("’", "'")


@pytest.mark.parametrize(
    "text",
    ["#panic()", "$x$ *b* _i_ @ref <label>", '"}; #eval("1")', "\\u{0}", "漢字 ⟦⟧", "\x00\ufffe"],
)
def test_foreign_text_is_never_read_as_markup(text: str) -> None:
    from dataclasses import replace

    made = report(shipped("healthy-ac"))
    bad = replace(made, facts=replace(made.facts, recording=text, oddities=(text,)))
    spoken = words("en")
    said = pdf_words(pdf_page(document_of(bad, spoken), spoken, None))
    if text.isascii() and text.isprintable():
        assert text.split()[0] in said


def test_it_was_made_when_the_recording_was(pages: bytes) -> None:
    metadata = PdfReader(BytesIO(pages)).metadata
    assert metadata is not None
    assert str(metadata.get("/CreationDate")).startswith("D:20251009085320")


def test_the_same_recording_gives_the_same_pages(pages: bytes) -> None:
    assert pdf(shipped("relock-before-pull")) == pages
