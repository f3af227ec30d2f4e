"""What a person adds to a case: steps, parts, photos, trouble codes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session as Transaction

from evdiag.casebook.model import Case, Part, Photo, Reading, Step, TroubleCode, key_of, new_key
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

_CODE_COLUMNS: Final = (
    "unit", "code", "sae", "status", "says", "meaning", "evidence", "source", "snapshot",
    "extended", "problem",
)  # fmt: skip


def add_step(transaction: Transaction, case: Case, text: str, time_ns: int) -> None:
    """Add something that was tried."""
    transaction.add(
        Step(id=new_key(), case_id=case.id, time_ns=time_ns, source="person", mark="·", text=text)
    )


def add_part(
    transaction: Transaction, case: Case, name: str, number: str | None, time_ns: int
) -> None:
    """Add a part that was fitted: from then on the car counts as repaired."""
    transaction.add(
        Part(id=new_key(), case_id=case.id, fitted_ns=time_ns, name=name, number=number)
    )


def photo_hash(path: Path) -> str:
    """Return the hash of a picture.

    Raises:
        BadInputError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BadInputError(f"{plain_text(str(path))} cannot be read: {error.strerror}") from None


def add_photo(transaction: Transaction, case: Case, path: Path, sha256: str, now_ns: int) -> None:
    """Add a picture by its place; the same picture is there once."""
    photo = Photo(
        id=key_of("photo", case.id, sha256),
        case_id=case.id,
        path=str(path.absolute()),
        sha256=sha256,
        added_ns=now_ns,
    )
    if transaction.get(Photo, photo.id) is None:
        transaction.add(photo)


def add_codes(
    transaction: Transaction,
    case: Case,
    reading: Reading,
    rows: Sequence[dict[str, Any]],
    time_ns: int,
) -> None:
    """Add trouble codes in the form of `evdiag dtc read --format jsonl`; the same ones once."""
    for place, row in enumerate(rows):
        said = {name: row.get(name) for name in _CODE_COLUMNS}
        key = key_of("code", case.id, reading, json.dumps(said, sort_keys=True))
        if transaction.get(TroubleCode, key) is None:
            transaction.add(
                TroubleCode(
                    id=key, case_id=case.id, reading=reading, time_ns=time_ns, place=place, **said
                )
            )
