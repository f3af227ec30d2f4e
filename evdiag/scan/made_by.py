"""What an answer depends on besides the recording: who gave it, knowing what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from evdiag import __version__
from evdiag.errors import BadInputError
from evdiag.scan.places import ReadAs

SCHEMA: Final = 1
"""Counts up when rows or the way they are made change."""


def made_by(read_as: ReadAs | None = None) -> str:
    """Return a hash of this evdiag, of every car it knows, and of what it is told of recordings.

    Raises:
        BadInputError: no car has that name.
    """
    from evdiag.vehicles.library import library

    told = read_as or ReadAs()
    if told.vehicle is not None:
        library().profile(told.vehicle)
    words = [told.vehicle or "", *([told.time_unit] if told.time_unit else [])]
    known = "\n".join([str(SCHEMA), __version__, *_cars(), *words])
    return hashlib.sha256(known.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _cars() -> Iterator[str]:
    from evdiag.vehicles.library import databases, library

    for identifier, profile in sorted(library().profiles.items()):
        yield f"{identifier} {profile.file_sha256}"
        for layout in profile.layouts:
            try:
                yield from (database.sha256 for database in databases(profile, layout))
            except BadInputError as error:
                # Such a car is a bad answer for those recordings that are of it.
                yield str(error)
