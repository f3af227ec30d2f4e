"""Files that the book names: deleted only where they are still what was filed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from evdiag.casebook.forgetting import OnDisk
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.recordings.kept_marks import marks_file
from evdiag.scan.content import content_of
from evdiag.scan.journals import files_of
from evdiag.scan.places import is_url


def delete_file(file: OnDisk) -> str:
    """Delete a recording, with all files of it, or a photo; return in words what became of it.

    A book may have been written by anybody: a file is touched only if it holds what the book says.
    """
    label = plain_text(file.path)
    if is_url(file.path):
        return f"{label} is not on this machine: delete it there"
    path = Path(file.path)
    if not path.is_file():
        return f"{label} is not there any more"
    try:
        if _hash(path, file) != file.sha256:
            return f"{label} is another file by now: left as it is"
        for each in _belonging(path, file):
            each.unlink(missing_ok=True)
    except BadInputError:
        return f"{label} is another file by now: left as it is"
    except OSError as error:
        return f"{label} cannot be deleted: {error.strerror}"
    return f"deleted {label}"


def _hash(path: Path, file: OnDisk) -> str:
    if not file.is_photo:
        return content_of(path).sha256
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _belonging(path: Path, file: OnDisk) -> list[Path]:
    if file.is_photo:
        return [path]
    marks = marks_file(str(path))
    return [*files_of(path), *([] if marks is None else [marks])]
