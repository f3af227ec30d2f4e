"""Entries to the bytes of the two files, as many as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from evdiag.inputs import Frame
from evdiag.recordings.journal.rows import row_text
from evdiag.recordings.journal.words import Entry


class Encoded(NamedTuple):
    """The bytes of the first `entries` entries, `frames` of them frames."""

    log: bytes
    rows: bytes
    entries: int
    frames: int


def encode(
    entries: Iterable[Entry], after_frame: int, room: int | None, line: Callable[[Frame], str]
) -> Encoded:
    """Write entries down until `room` bytes are full; `after_frame` frames stand before them."""
    log: list[str] = []
    rows: list[str] = []
    size = 0
    for entry in entries:
        if isinstance(entry, Frame):
            text, into = line(entry), log
        else:
            text, into = row_text(entry, after_frame + len(log)), rows
        size += len(text)
        if room is not None and size > room:
            break
        into.append(text)
    return Encoded(_bytes(log), _bytes(rows), len(log) + len(rows), len(log))


def _bytes(lines: list[str]) -> bytes:
    return "".join(lines).encode("utf-8", "surrogateescape")
