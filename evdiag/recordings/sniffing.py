"""Tells the format of a recording from its content, never from its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.recordings.formats import BINARY_FORMATS, Format, candump_format, text_formats
from evdiag.recordings.notes import is_note, shown

if TYPE_CHECKING:
    from evdiag.recordings.source import Source

_LINES_LOOKED_AT: Final = 400
_FEWEST_ROWS: Final = 0.2
"""Below this share of lines a text only quotes a recording. (Above it, the console that was logged
wrote other things, too.)"""

_MOST_ROWS: Final = 0.5
"""The share wanted of formats that look like any table of numbers, and of Markdown."""

_FENCE: Final = "```"

_HEADER_WEIGHT: Final = 20

_CANDUMP = re.compile(r"\(\d+\.\d{6}\) \S+ (?:[0-9A-F]{3}|[0-9A-F]{8})#(?:[0-9A-F]{2}){0,8}")
_LFS_POINTER = re.compile(r"version https://git-lfs\.github\.com/spec/")
_DBC = re.compile(r'VERSION\s+"|NS_\s*:|BS_\s*:|BU_\s*:|BO_\s+\d+\s+\w+\s*:|SG_\s+\w+')

_HOLDS_FILES: Final = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
}
_TAR: Final = b"ustar"
_TAR_AT: Final = 257


def recognise(source: Source) -> Format:
    """Return the format of `source`.

    Raises:
        BadInputError: it is no recording evdiag can read; the sentence says what it seems to be.
    """
    if not source.head:
        if source.cut_short:
            raise BadInputError(
                f"{source.label} is cut off or damaged so early that nothing in it can be read: "
                "copy it once more"
            )
        raise BadInputError(f"{source.label} is empty: there is nothing in it to read")
    for magic, binary in BINARY_FORMATS.items():
        if source.head.startswith(magic):
            return binary
    _refuse_what_holds_files(source)
    lines = source.head_lines(_LINES_LOOKED_AT)
    _refuse_what_is_known(source, lines)
    form = _best(lines)
    if form is None:
        raise BadInputError(_unknown(source, lines))
    return form


def _best(lines: list[str]) -> Format | None:
    """Return the format with the most rows; its own header lines weigh more than a row.

    The table goes from the particular to the general: a later row needs a clear lead.
    """
    if lines and all(map(_CANDUMP.fullmatch, lines)):
        # The first of the table: no other has more rows, and none has such a header.
        return candump_format()
    best: Format | None = None
    best_score = 0
    plain = [line.replace("\0", "") for line in lines]
    for form in text_formats():
        rows = sum(1 for line in plain if form.is_row and form.is_row(line))
        has_header = any(form.is_furniture and form.is_furniture(line) for line in plain)
        if not (_accounts_for(form, plain, rows) if has_header else _prevails(form, plain, rows)):
            continue
        score = rows + (_HEADER_WEIGHT if has_header else 0)
        if score > best_score + best_score // 50:
            best, best_score = form, score
    return best


def _prevails(form: Format, lines: list[str], rows: int) -> bool:
    """Tell whether a format without its header has rows enough not to be a quotation."""
    if form.needs_furniture or not rows:
        return False
    return rows >= (_MOST_ROWS if form.plain else _fewest_rows(lines)) * len(lines)


def _accounts_for(form: Format, lines: list[str], rows: int) -> bool:
    """Tell whether a format whose header is there explains the lines: prose may quote a header.

    Where no row is among them all must be explained, but for the last, which may be cut off.
    """
    ways = [way for way in (form.is_row, form.is_furniture, form.is_other) if way is not None]
    said = [line for line in lines if not is_note(line)]
    explained = sum(1 for line in said if any(way(line) for way in ways))
    return explained >= (_fewest_rows(lines) * len(said) if rows else len(said) - 1)


def _fewest_rows(lines: list[str]) -> float:
    return _MOST_ROWS if any(line.startswith(_FENCE) for line in lines) else _FEWEST_ROWS


def _refuse_what_holds_files(source: Source) -> None:
    head = source.head
    names = [name for magic, name in _HOLDS_FILES.items() if head.startswith(magic)]
    if head[_TAR_AT:].startswith(_TAR):
        # Its files are text among other things: they would pass for one damaged recording.
        names.append("tar")
    if names:
        raise BadInputError(
            f"{source.label} is a {names[0]} file, which holds other files: unpack it first"
        )


def _refuse_what_is_known(source: Source, lines: list[str]) -> None:
    if lines and _LFS_POINTER.match(lines[0]):
        raise BadInputError(
            f"{source.label} is a Git LFS pointer, not the recording itself: "
            "fetch it with `git lfs pull`"
        )
    database_lines = sum(1 for line in lines if _DBC.match(line.strip()))
    if database_lines > 2 or (lines and database_lines == len(lines)):
        raise BadInputError(
            f"{source.label} is a DBC database, not a recording: see `evdiag dbc`, or give it "
            "with --dbc"
        )


def _unknown(source: Source, lines: list[str]) -> str:
    if _is_binary(source.head):
        start = source.head[:8].hex(" ")
        return (
            f"{source.label} is not a recording evdiag can read: it starts with the bytes {start}"
        )
    first = plain_text(shown(lines[0])) if lines else ""
    if not first:
        return f"{source.label} is not a recording evdiag can read: it holds blank lines only"
    return f"{source.label} is not a recording evdiag can read: its first line is '{first}'"


def _is_binary(head: bytes) -> bool:
    sample = head[:1024]
    controls = sum(byte < 9 or 13 < byte < 27 for byte in sample)
    return controls > len(sample) // 20
