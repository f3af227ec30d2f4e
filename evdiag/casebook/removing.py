"""What was written into a case by mistake, taken out of it again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.cases import vehicle_of
from evdiag.casebook.learning import taught_by, unlearn
from evdiag.casebook.model import (
    Base,
    Case,
    Part,
    Photo,
    Reading,
    Recording,
    Session,
    Step,
    TroubleCode,
)
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

_SHORTEST_HASH: Final = 8


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What is to be taken out, as a person names it.

    Recordings and photos go by their path, the name of the file or the first eight or more digits
    of their hash, parts by name or number, codes by the reading in which they are and SAE code;
    notes and steps as they were written.
    """

    recordings: Sequence[str] = ()
    photos: Sequence[str] = ()
    parts: Sequence[str] = ()
    notes: Sequence[str] = ()
    steps: Sequence[str] = ()
    codes: Sequence[tuple[Reading, str]] = ()


class _Entry(NamedTuple):
    """Something in a case, and all that it goes by; the first one tells it from the others."""

    row: Base
    names: tuple[str, ...]


def remove(transaction: Transaction, case: Case, mistakes: Mistakes, now_ns: int) -> list[str]:
    """Take things out of a case, and return in words what went; files stay where they are.

    Raises:
        BadInputError: one of them is not in the case, or it cannot be told which is meant.
    """
    gone = []
    recordings = list(_recordings(transaction, case))
    mistaken = [_meant_file(case, "recording", name, recordings) for name in mistakes.recordings]
    sessions = [entry.row.id for entry in mistaken if isinstance(entry.row, Session)]
    taught = taught_by(transaction, sessions)
    gone += [_taken(transaction, entry, "recording") for entry in mistaken]
    photos = list(_photos(transaction, case))
    for name in mistakes.photos:
        gone.append(_taken(transaction, _meant_file(case, "photo", name, photos), "photo"))
    parts = [_Entry(part, _words(part.name, part.number)) for part in _of(transaction, Part, case)]
    for name in mistakes.parts:
        gone.append(_taken(transaction, _meant(case, "part", name, parts), "part"))
    by_hand = [each for each in _of(transaction, Step, case) if each.session_id is None]
    steps = [_Entry(step, (step.text,)) for step in by_hand]
    for text in mistakes.steps:
        gone.append(_taken(transaction, _meant(case, "step", text, steps), "step"))
    for reading, code in mistakes.codes:
        codes = [
            _Entry(each, _words(each.sae, each.code))
            for each in _of(transaction, TroubleCode, case)
            if each.reading == reading
        ]
        kind = f"code {reading}"
        gone.append(_taken(transaction, _meant(case, kind, code.upper(), codes), kind))
    for note in mistakes.notes:
        _remove_note(case, note)
        gone.append(f"note {note}")
    transaction.flush()
    gone += unlearn(transaction, vehicle_of(transaction, case), taught, now_ns)
    _drop_unused_recordings(transaction)
    case.changed_ns = now_ns
    return gone


def _taken(transaction: Transaction, entry: _Entry, kind: str) -> str:
    transaction.delete(entry.row)
    return f"{kind} {entry.names[0]}"


def _meant(case: Case, kind: str, said: str, entries: list[_Entry]) -> _Entry:
    """Return the entry that goes by this name, and take it off the list.

    The same thing written twice is there twice: one of the two goes.
    """
    found = [entry for entry in entries if _goes_by(said, entry.names)]
    if not found:
        names = ", ".join(plain_text(entry.names[0]) for entry in entries)
        there = f"there are: {names}" if names else "there is none"
        raise BadInputError(f"case {case.number} has no {kind} {plain_text(said)!r}; {there}")
    if len({entry.names for entry in found}) > 1:
        names = ", ".join(plain_text(entry.names[-1]) for entry in found)
        raise BadInputError(
            f"{plain_text(said)!r} can be more than one {kind} of case {case.number}: say which "
            f"of {names}"
        )
    entries.remove(found[0])
    return found[0]


def _meant_file(case: Case, kind: str, said: str, entries: list[_Entry]) -> _Entry:
    """Return what `_meant` does: a file is also known by the path that it was added with."""
    whole = os.path.abspath(said)
    return _meant(case, kind, whole if _is_path_of_one(whole, entries) else said, entries)


def _is_path_of_one(path: str, entries: list[_Entry]) -> bool:
    return any(path == entry.names[0] for entry in entries)


def _goes_by(said: str, names: tuple[str, ...]) -> bool:
    short = len(said) >= _SHORTEST_HASH and any(
        len(name) == 64 and name.startswith(said.lower()) for name in names
    )
    return said in names or short


def _recordings(transaction: Transaction, case: Case) -> Iterator[_Entry]:
    wanted = (
        select(Session, Recording)
        .join(Recording, Session.recording == Recording.sha256)
        .where(Session.case_id == case.id)
    )
    for session, recording in transaction.execute(wanted):
        yield _Entry(session, _of_file(recording.path, recording.sha256))


def _photos(transaction: Transaction, case: Case) -> Iterator[_Entry]:
    for photo in _of(transaction, Photo, case):
        yield _Entry(photo, _of_file(photo.path, photo.sha256))


def _of_file(path: str, sha256: str) -> tuple[str, ...]:
    return path, Path(path).name, Path(path).stem, sha256


def _words(*words: str | None) -> tuple[str, ...]:
    return tuple(word for word in words if word)


def _of(transaction: Transaction, table: Any, case: Case) -> Iterable[Any]:
    return transaction.scalars(select(table).where(table.case_id == case.id)).all()


def _remove_note(case: Case, note: str) -> None:
    written = f"\n{case.note or ''}\n"
    # A note can have several lines, and the others stay as they were written.
    left = written.replace(f"\n{note}\n", "\n", 1)
    if case.note is None or left == written:
        there = plain_text(", ".join((case.note or "").splitlines()))
        raise BadInputError(
            f"case {case.number} has no note {plain_text(note)!r}; "
            + (f"there are: {there}" if there else "there is none")
        )
    case.note = left[1:-1] or None


def _drop_unused_recordings(transaction: Transaction) -> None:
    """What no case and no car has any more, the book need not know."""
    used = select(Session.recording)
    transaction.execute(delete(Recording).where(Recording.sha256.not_in(used)))
