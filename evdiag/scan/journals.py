"""Which files of a folder are one recording: those of a journal of evdiag's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from evdiag.recordings.journal.names import (
    PACKED,
    ROWS,
    part_stem,
    split_stem,
    stem_in,
    there,
)


def journals_by_name(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield, of a folder's files, those that look like one journal: its first log comes first."""
    parts: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (_is_side(name), name)):
        stem = stem_in(Path(name))
        if stem is not None:
            parts.setdefault(stem, []).append(name)
    whole = {stem: files for stem, files in parts.items() if _has_log_and_side(files)}
    journals: dict[str, list[str]] = {}
    for first, number in sorted(map(split_stem, whole)):
        own = part_stem(first, number)
        journals.setdefault(first if first in whole else own, []).extend(whole[own])
    yield from journals.values()


def beside_logs(folder: Path, names: Iterable[str]) -> frozenset[str]:
    """Return the names of files that belong to a journal in this folder, but for its first log."""
    beside: set[str] = set()
    for first, *_ in journals_by_name(names):
        beside.update(file.name for file in files_of(folder / first)[1:])
    return frozenset(beside)


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the files on this disk that a recording consists of, the one to open first."""
    from evdiag.errors import BadInputError
    from evdiag.recordings.journal.reader import find_journal

    try:
        journal = find_journal(path)
    except (BadInputError, ValueError, OSError):
        # Opening it will say what is wrong with it.
        return (path,)
    if journal is None:
        return (path,)
    facts = journal.facts()
    return (*(file for log in facts.files for file in _with_side(log)), *facts.lost_files)


def _with_side(log: Path) -> Iterator[Path]:
    yield log
    side = there(log.parent, stem_in(log) or "", ROWS)
    if side is not None:
        yield side


def _is_side(name: str) -> bool:
    return name.removesuffix(PACKED).endswith(ROWS)


def _has_log_and_side(files: list[str]) -> bool:
    return {_is_side(name) for name in files} == {False, True}
