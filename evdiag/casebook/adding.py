"""A recording into a case: read as every other command reads it, and filed."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Final

from evdiag.casebook.cases import case_of, vehicle_of
from evdiag.casebook.filing import Filed, contents_in, file_in_case
from evdiag.casebook.model import Kind
from evdiag.casebook.opening import Book
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.scan.places import Place, ReadAs, Task
from evdiag.scan.rows import Scanned
from evdiag.scan.work import scanned

_STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class Added:
    """What came of it, in a sentence; `doubt` is what a person should know of it, or empty."""

    filed: Filed
    sentence: str
    doubt: str = ""


def add_recording(
    book: Book, number: int, name: str, kind: Kind, now_ns: int, read_as: ReadAs | None = None
) -> Added:
    """Read a recording, and file what it shows into a case; reading it takes its time.

    Where nobody names its car, it is identified, and where that fails it is the case's. One whose
    unit of stamps is said is filed anew.

    Raises:
        BadInputError: it cannot be read, it is of another car, or there is no such case.
    """
    if name == _STANDARD_INPUT:
        raise BadInputError(
            "the case book keeps where a recording lies: save standard input as a file first"
        )
    read_as = read_as or ReadAs()
    anew = read_as.time_unit is not None
    with book.reading() as transaction:
        case = case_of(transaction, number)
        known = frozenset() if anew else contents_in(transaction, case)
        profile = vehicle_of(transaction, case).profile
    found, doubt = _looked_at(name, known, read_as, profile)
    with book.writing() as transaction:
        filed = file_in_case(transaction, number, found, kind, now_ns, anew=anew)
    doubts = [each for each in (doubt, _also_elsewhere(plain_text(name), filed)) if each]
    said = f"case {number}: {_said(plain_text(name), found, filed)}"
    return Added(filed, said, "; ".join(doubts))


def _looked_at(
    name: str, known: frozenset[str], read_as: ReadAs, profile: str | None
) -> tuple[Scanned, str]:
    path = os.path.abspath(name)
    found = _scanned(path, known, read_as)
    recording = found.recording
    if recording is None or recording.vehicle is not None or not recording.frames:
        return found, ""
    if profile is None or read_as.vehicle is not None:
        return found, ""
    why = plain_text(f"{name}: {recording.reason}; read as {profile}, as the case says")
    return _scanned(path, known, replace(read_as, vehicle=profile)), why


def _scanned(path: str, known: frozenset[str], read_as: ReadAs) -> Scanned:
    try:
        size = os.stat(path).st_size
    except OSError as error:
        raise BadInputError(f"{plain_text(path)} cannot be read: {error.strerror}") from None
    found = scanned(Task(Place(path, size), read_as, known, for_book=True))
    if found.left is not None:
        raise BadInputError(found.left.reason)
    return found


def _said(label: str, found: Scanned, filed: Filed) -> str:
    if not filed.is_new:
        return f"{label} is in it already"
    if found.recording is not None and found.recording.vehicle is None:
        return f"added {label}, whose car cannot be told: nothing is said of it"
    return f"added {label}: {_many(filed.attempts, 'attempt')}, {_many(filed.faults, 'fault')}"


def _also_elsewhere(label: str, filed: Filed) -> str:
    if not filed.elsewhere:
        return ""
    numbers = ", ".join(map(str, filed.elsewhere))
    word = "case" if len(filed.elsewhere) == 1 else "cases"
    return (
        f"{label} is in {word} {numbers} of another car, too: `evdiag cases remove` takes it out "
        "where it was added by mistake"
    )


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
