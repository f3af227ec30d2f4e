"""The document as a PDF, typeset by typst: one wheel, no system packages, no network.

The template is ours and fixed. Everything that is said goes into it as JSON, as data: nothing
foreign is ever read as markup. Text can be selected, the picture stays vectors, and the fonts are
embedded: typst's own and matplotlib's DejaVu, which has every sign that is used.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.report.document import Document, English, Picture
from evdiag.report.drawn import picture_svg
from evdiag.report.svg import INSTALL, font_folder
from evdiag.report.words import Words

_TEMPLATE: Final = Path(__file__).parent / "page.typ"


def pdf_page(document: Document, words: Words, date_ns: int | None) -> bytes:
    """Write the pages; `date_ns` is the recording's, which the PDF says it was made at.

    Raises:
        BadInputError: the libraries are not installed, or typst cannot set it.
    """
    try:
        import typst
    except ImportError:
        raise BadInputError(f"a PDF needs typst: install it with {INSTALL}") from None
    said = {**_as_data(document, words), "made_at": _moment(date_ns)}
    data = json.dumps(said, ensure_ascii=False)
    fonts: Any = [str(font_folder())]
    try:
        pages = typst.compile(
            _TEMPLATE.read_bytes(),
            font_paths=fonts,
            format="pdf",
            sys_inputs={"document": data},
        )
    except typst.TypstError as error:
        raise BadInputError(f"the PDF cannot be set: {plain_text(str(error))}") from None
    return bytes(pages)


def _moment(date_ns: int | None) -> dict[str, int] | None:
    if date_ns is None:
        return None
    at = datetime.fromtimestamp(date_ns // 10**9, UTC)
    return {
        unit: getattr(at, unit) for unit in ("year", "month", "day", "hour", "minute", "second")
    }


def _as_data(item: Any, words: Words) -> Any:
    """Turn a document into plain data: each block says its kind, each text is made plain."""
    match item:
        case str():
            return plain_text(item)
        case English():
            return plain_text(item.text)
        case tuple():
            return [_as_data(part, words) for part in item]
        case Picture():
            return {
                "kind": "Picture",
                "svg": picture_svg(item, words),
                "title": plain_text(item.title),
                "alternative": plain_text(item.alternative),
            }
    if is_dataclass(item):
        said = {each.name: _as_data(getattr(item, each.name), words) for each in fields(item)}
        return said if isinstance(item, Document) else {"kind": type(item).__name__, **said}
    return item
