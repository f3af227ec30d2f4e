"""The work on one recording: the same in a process of this machine and on a cluster.

What it needs is imported late: a machine that only hands it out is not to wait for that.
"""

from __future__ import annotations

import os
import stat
import traceback
from pathlib import Path

from evdiag.errors import BadInputError, EvdiagError
from evdiag.plain import plain_text
from evdiag.scan.places import Place, Task, fetched
from evdiag.scan.rows import Left, Scanned


def scanned(task: Task) -> Scanned:
    """Scan one recording; whatever goes wrong with it is part of the answer."""
    place = task.place
    try:
        with fetched(place) as path:
            try:
                return _scanned(task, path)
            except EvdiagError as error:
                # A copy goes by a name that nobody knows.
                reason = str(error).replace(plain_text(str(path)), plain_text(place.path))
                raise BadInputError(reason) from None
    except EvdiagError as error:
        return _bad(place, str(error))
    except MemoryError:
        return _bad(place, f"{place.label}: there is not enough memory to read it")
    except OSError as error:
        return _bad(place, f"{place.label} cannot be read: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - one recording in a thousand must not end the scan
        return _bad(
            place, f"{place.label}: evdiag failed on it, please report that: {_told(error)}"
        )


def _scanned(task: Task, path: Path) -> Scanned:
    from evdiag.scan.answers import answers
    from evdiag.scan.content import content_of, seal
    from evdiag.scan.for_book import for_book
    from evdiag.scan.journals import files_of

    place = task.place
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise BadInputError(f"{place.label} is a folder or no file at all: name a recording")
    files = files_of(path)
    before = seal(files)
    content = content_of(path)
    if content.sha256 in task.known:
        return Scanned(place.path, place.bytes, content.sha256)
    said = answers(path, task.read_as, content)
    if seal(files) != before:
        raise BadInputError(f"{place.label} was written to while it was read: scan it once more")
    return Scanned(
        place.path,
        place.bytes,
        content.sha256,
        said.recording,
        said.attempts,
        said.findings,
        for_book=for_book(said) if task.for_book else None,
    )


def _bad(place: Place, reason: str) -> Scanned:
    return Scanned(place.path, place.bytes, left=Left(place.path, "bad", reason))


def _told(error: Exception) -> str:
    """Return what went wrong and where, on one line."""
    where = ""
    frames = traceback.extract_tb(error.__traceback__)
    if frames:
        where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}"
    return plain_text(f"{type(error).__name__}: {error}{where}")[:500]
