"""Marks that a person makes while replaying, kept beside the recording, which is never altered.

``<recording>.marks.jsonl`` holds one JSON object a line: the number of the frame (from 0) after
which the mark stands, and the note.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from evdiag.packaged import shipped_folder
from evdiag.plain import plain_json, plain_text
from evdiag.recordings.source import STANDARD_INPUT

SUFFIX = ".marks.jsonl"


class KeptMark(NamedTuple):
    """A mark after a frame."""

    row: int
    text: str


def marks_file(recording: str) -> Path | None:
    """Return where marks of a recording are kept; None for standard input and what we ship."""
    if recording == STANDARD_INPUT:
        return None
    path = Path(recording)
    if path.resolve().parent == shipped_folder("recordings").resolve():
        return None
    return path.with_name(path.name + SUFFIX)


def kept_marks(recording: str) -> list[KeptMark]:
    """Return the marks that were made before; lines that are none are passed over."""
    path = marks_file(recording)
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [mark for line in lines if (mark := _mark(line)) is not None]


def keep_mark(recording: str, mark: KeptMark) -> str | None:
    """Add a mark; return in words why it cannot be kept, None where it was."""
    path = marks_file(recording)
    if path is None:
        return "marks are not kept for this recording"
    line = plain_json({"row": mark.row, "text": mark.text}) + "\n"
    try:
        with path.open("ab") as stream:
            stream.write(line.encode())
    except OSError as error:
        shown = plain_text(str(path))
        return f"marks are not kept: {shown} cannot be written: {error.strerror}"
    return None


def _mark(line: str) -> KeptMark | None:
    try:
        said = json.loads(line)
        row, text = said["row"], said["text"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if type(row) is not int or row < 0 or not isinstance(text, str):
        return None
    return KeptMark(row, text)
