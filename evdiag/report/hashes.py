"""The files of a recording, each with its hash: so that nobody can be shown another one later."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.recordings.journal.names import ROWS, stem_in, there
from evdiag.recordings.journal.reader import JournalFacts
from evdiag.report.model import FileHash


def hashes_of(name: str, journal: JournalFacts | None) -> Iterator[FileHash]:
    """Yield every file of a recording: a journal is two for each of its parts.

    Raises:
        BadInputError: one of them cannot be read any more.
    """
    for path in [Path(name)] if journal is None else _parts(journal):
        try:
            with path.open("rb") as stream:
                yield FileHash(path.name, hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError as error:
            shown = plain_text(str(path))
            raise BadInputError(f"{shown} cannot be read: {error.strerror}") from None


def _parts(journal: JournalFacts) -> Iterator[Path]:
    for log in journal.files:
        yield log
        stem = stem_in(log)
        rows = None if stem is None else there(log.parent, stem, ROWS)
        if rows is not None:
            yield rows
