"""Reads a report as whoever opens it does: tags and words of the HTML, words of the PDF."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from evdiag.packaged import shipped_folder
from evdiag.report.contents import document_of
from evdiag.report.document import Document
from evdiag.report.html import html_page
from evdiag.report.model import Report
from evdiag.reporting import analysis_of, report_of, report_of_answers, words
from evdiag.wiring import read_capture

_VOID = frozenset({"meta", "col", "br", "hr", "img", "link", "input"})

STORIES = tuple(sorted(path.stem for path in shipped_folder("recordings").glob("*.log")))


def shipped(name: str) -> str:
    """Return the path of a shipped recording."""
    return str(shipped_folder("recordings") / f"{name}.log")


def report(name: str, language: str = "en", vehicle: str | None = None) -> Report:
    """Make the report of a recording."""
    capture = read_capture(name)
    analysis = analysis_of(capture, vehicle)
    guide = words(language).guide
    if analysis is None:
        return report_of_answers(capture, vehicle, guide)
    return report_of(analysis, guide)


def document(name: str, language: str = "en") -> Document:
    """Put the report of a recording into words."""
    return document_of(report(name, language), words(language))


def html(name: str, language: str = "en") -> str:
    """Write it as a page."""
    return html_page(document(name, language), words(language))


@cache
def shipped_html(name: str, language: str = "en") -> str:
    """Write the page of a shipped recording, once."""
    return html(shipped(name), language)


class Page(HTMLParser):
    """A page taken apart; complains of a tag that is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += f" {data.strip()}" if data.strip() else ""

    @property
    def names(self) -> set[str]:
        """Every tag that is used."""
        return {tag for tag, _ in self.tags}


def loads(page: Page) -> list[str]:
    """Return whatever a reader would fetch or run because of this page."""
    found = [
        tag for tag in ("script", "link", "iframe", "object", "embed", "base") if tag in page.names
    ]
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            inside = (value or "").startswith("#")
            if name.startswith("on") or (name in ("src", "href", "xlink:href") and not inside):
                found.append(f"{tag} {name}={value}")
    return found


def pdf_words(pages: bytes) -> str:
    """Return the words of a PDF, its lines joined."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(pages))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def only_file(folder: Path, suffix: str) -> Path:
    """Return the one file of a kind in a folder."""
    (found,) = folder.glob(f"*{suffix}")
    return found
