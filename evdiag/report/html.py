"""The document as one HTML page: no script, nothing loaded from anywhere, fit for A4.

Everything that is written goes through `_text`: the one place where foreign text is made plain
and escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from evdiag.plain import plain_text
from evdiag.report.document import (
    Block,
    Document,
    English,
    Entry,
    Pairs,
    Paragraph,
    Picture,
    Table,
    Text,
    Verdict,
)
from evdiag.report.drawn import picture_svg
from evdiag.report.words import Words

_STYLE = Path(__file__).parent / "page.css"

SHORT = 14
"""A table of no more rows is never torn between two pages."""


def html_page(document: Document, words: Words) -> str:
    """Write the page.

    Raises:
        BadInputError: the plotting library is not installed.
    """
    return "\n".join(_lines(document, words)) + "\n"


def _lines(document: Document, words: Words) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield f'<html lang="{_text(document.language)}">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(document.kind)}: {_text(document.title)}</title>"
    yield f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>"
    yield "</head>"
    yield "<body>"
    yield "<header>"
    yield f'<p class="kind">{_text(document.kind)}</p>'
    yield f"<h1>{_text(document.title)}</h1>"
    yield from _pairs(document.about, "about")
    yield "</header>"
    yield "<main>"
    yield from _verdict(document.verdict)
    for section in document.sections:
        yield "<section>"
        yield f"<h2>{_text(section.title)}</h2>"
        for block in section.blocks:
            yield from _block(block, words)
        yield "</section>"
    yield "</main>"
    yield f"<footer><p>{_text(document.closing)}</p></footer>"
    yield "</body>"
    yield "</html>"


def _text(text: Text) -> str:
    """Make a text plain and escape it."""
    if isinstance(text, English):
        return f'<span lang="en">{_text(text.text)}</span>'
    return escape(plain_text(text), quote=True)


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f'<div class="verdict {_text(verdict.tone)}">'
    yield f'<p class="headline"><span class="mark">{_text(verdict.mark)}</span> '
    yield f"{_text(verdict.headline)}</p>"
    if verdict.sure:
        yield f'<p class="sure">{_text(verdict.sure)}</p>'
    for line in verdict.lines:
        yield f"<p>{_text(line)}</p>"
    yield "</div>"


def _block(block: Block, words: Words) -> Iterator[str]:
    match block:
        case Paragraph(text, quiet):
            yield f'<p class="quiet">{_text(text)}</p>' if quiet else f"<p>{_text(text)}</p>"
        case Pairs(rows):
            yield from _pairs(rows, "pairs")
        case Table():
            yield from _table(block)
        case Entry():
            yield from _entry(block)
        case Picture():
            yield from _picture(block, words)


def _pairs(rows: Iterable[tuple[str, Text]], kind: str) -> Iterator[str]:
    yield f'<dl class="{kind}">'
    for name, text in rows:
        yield f"<div><dt>{_text(name)}</dt><dd>{_text(text)}</dd></div>"
    yield "</dl>"


def _table(table: Table) -> Iterator[str]:
    yield "<table>" if len(table.rows) > SHORT else '<table class="short">'
    if table.caption:
        yield f"<caption>{_text(table.caption)}</caption>"
    whole = sum(table.widths)
    columns = (f'<col style="width:{100 * width / whole:.1f}%">' for width in table.widths)
    yield f"<colgroup>{''.join(columns)}</colgroup>"
    heads = "".join(f'<th scope="col">{_text(head)}</th>' for head in table.heads)
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        yield f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>"
    yield "</tbody>"
    yield "</table>"


def _entry(entry: Entry) -> Iterator[str]:
    yield '<article class="entry">'
    aside = f' <span class="aside">{_text(entry.aside)}</span>' if entry.aside else ""
    mark = f'<span class="mark">{_text(entry.mark)}</span>'
    yield f"<h3>{mark} {_text(entry.title)}{aside}</h3>"
    for points in entry.lists:
        yield f'<div class="points"><p class="of">{_text(points.title)}</p>'
        yield f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in points.items)}</ul></div>"
    yield "</article>"


def _picture(picture: Picture, words: Words) -> Iterator[str]:
    yield "<figure>"
    label = f'<svg role="img" aria-label="{_text(picture.alternative)}"'
    yield picture_svg(picture, words).replace("<svg", label, 1).rstrip()
    yield f"<figcaption>{_text(picture.title)}</figcaption>"
    yield "</figure>"
