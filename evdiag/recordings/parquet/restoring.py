"""Gives back what an archive was made of: its very bytes, and the frames on the way."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from evdiag.errors import BadInputError
from evdiag.inputs import Block
from evdiag.plain import plain_text
from evdiag.recordings.parquet.line_form import line_form
from evdiag.recordings.parquet.reading import piece_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evdiag.recordings.parquet.archive import Archive
    from evdiag.recordings.parquet.facts import ArchiveFacts, File
    from evdiag.recordings.parquet.line_form import LineForm
    from evdiag.recordings.parquet.windows import Window

_ROWS_AT_ONCE = 1 << 15


def blocks(archive: Archive) -> Iterator[tuple[Block, list[tuple[int, bytes]]]]:
    """Yield all frames of an open archive, with the stamps of the source, and their kept texts.

    Raises:
        BadInputError: the file is damaged.
    """
    for window in archive.windows():
        texts = window.texts()
        at = 0
        for first in range(0, window.end - window.first, _ROWS_AT_ONCE):
            block = _block(window, archive.facts, slice(first, first + _ROWS_AT_ONCE))
            end = at
            while end < len(texts) and texts[end][0] < first + len(block):
                end += 1
            yield block, [(row - first, text) for row, text in texts[at:end]]
            at = end


def source_text(
    archive: Archive, seen: Callable[[Block], None] = lambda block: None
) -> Iterator[bytes]:
    """Yield the bytes of the source that stand among the frames of an open archive, and its tail.

    Where only frames were kept there are none. `seen` is shown all frames on the way, in order.

    Raises:
        BadInputError: the file is damaged.
    """
    facts = archive.facts
    form = line_form(facts.form) if facts.form else None
    for block, texts in blocks(archive):
        seen(block)
        if form is None:
            yield from (text for _, text in texts)
        else:
            yield from _lines(form, block, texts)
    yield facts.tail


def restore_files(archive: Archive, folder: Path) -> list[Path]:
    """Write the files that an archive was made of into `folder`; return them, the first one first.

    Each is compared with the hash of what was archived; none appears before all were found equal.
    Files of these names are overwritten.

    Raises:
        BadInputError: the archive is damaged, or what it gives back is not what was archived.
        OSError: the disk does not take it.
    """
    targets = [folder / name for name in file_names(archive)]
    unfinished = [path.with_name(f".evdiag-{secrets.token_hex(8)}") for path in targets]
    rest = _Rest(source_text(archive))
    try:
        for file, path in zip(archive.facts.files, unfinished, strict=True):
            parts = [file.text] if file.text is not None else rest.parts(file.size)
            if _written(path, parts) != file.sha256:
                raise _not_equal(archive, file)
        if next(rest.parts(1), b""):
            raise _not_equal(archive, archive.facts.files[-1])
        for path, target in zip(unfinished, targets, strict=True):
            path.replace(target)
    finally:
        for path in unfinished:
            path.unlink(missing_ok=True)
    return targets


def file_names(archive: Archive) -> list[str]:
    """Return the names of the files that an archive gives back, none of them with a folder.

    Raises:
        BadInputError: a name is none.
    """
    names = [file.name for file in archive.facts.files]
    if len(set(names)) < len(names) or any(
        Path(name).name != name or name in ("", "..") or "\0" in name for name in names
    ):
        raise BadInputError(f"{archive.label} is damaged: it names no file to write")
    return names


class _Rest:
    """Bytes that come in parts, taken in others."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._left = b""

    def parts(self, size: int) -> Iterator[bytes]:
        """Yield the next `size` bytes, fewer where there are no more."""
        while size:
            part = self._left or next(self._parts, None)
            if part is None:
                return
            self._left = part[size:]
            size -= min(size, len(part))
            yield part[: len(part) - len(self._left)]


def _written(path: Path, parts: Iterable[bytes]) -> str:
    """Write a new file; return the hash of what was written."""
    digest = hashlib.sha256()
    with path.open("xb") as stream:
        for part in parts:
            digest.update(part)
            stream.write(part)
    return digest.hexdigest()


def _not_equal(archive: Archive, file: File) -> BadInputError:
    return BadInputError(
        f"{archive.label} is damaged: what it gives back for {plain_text(file.name)} does not have "
        "the hash of what was archived; nothing was written"
    )


def _block(window: Window, facts: ArchiveFacts, rows: slice) -> Block:
    return piece_of(window, facts, slice(rows.start, min(rows.stop, len(window.id)))).block()


def _lines(form: LineForm, block: Block, texts: list[tuple[int, bytes]]) -> Iterator[bytes]:
    """Write the lines of a block, kept texts in place of those that are written otherwise."""
    lines = form.lines(block)
    written = lines.text.tobytes()
    row = 0
    for kept, text in texts:
        yield written[lines.edges[row] : lines.edges[kept]]
        yield text
        row = kept + 1
    yield written[lines.edges[row] :]
