"""Where recordings lie: what is found, and what is plainly none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.recordings.stamps import TimeUnit

LOG_NAME: Final = "scan.jsonl"
"""A folder with this file is the result of a scan, and none is made of it."""

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::[A-Za-z0-9+.:/-]+)?://")

_OTHER_THINGS: Final = frozenset(
    f".{end}"
    for ends in (
        "arxml dbc kcd json jsonl toml yaml yml ini cfg conf xml",
        "md rst rtf doc docx odt pdf htm html css ppt pptx odp xls xlsx ods",
        "bat exe dll ipynb js ps1 py pyc sh so",
        "bmp gif jpeg jpg png svg tif tiff webp mov mp3 mp4 wav",
    )
    for end in ends.split()
)
"""Ends of names that no recording has. Everything else is looked into: a name says little."""


_PASSWORD: Final = re.compile(r"(?<=://)([^/@:\s]*):[^/@\s]*@")
_SIGNED: Final = re.compile(
    r"([?&](?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)"
    r"|AWSAccessKeyId|Signature|sig|access_token|password)=)[^&#\s]*",
    re.IGNORECASE,
)
"""Of a signed URL what lets anybody read it (S3, Google, Azure); none of it tells files apart."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file that should be a recording.

    `path` is its whole path or its URL, `bytes` its size as it lies there, 0 where a store does not
    tell that. In an object store it consists of `files` (several: those of a journal, the first one
    first), which are to be fetched from `store`, a file system of fsspec.
    """

    path: str
    bytes: int
    files: tuple[str, ...] = ()
    store: Any = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """The path as it goes into messages."""
        return plain_text(self.path)


@dataclass(frozen=True, slots=True)
class ReadAs:
    """What a person says of recordings: their car, and the unit of their stamps.

    None leaves it to identification, and to what is known or guessed about stamps.
    """

    vehicle: str | None = None
    time_unit: TimeUnit | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One recording to scan.

    `known` are hashes of recordings that need no scan, those that this one may be: found at other
    places, or by an earlier scan. `for_book` asks for what the case book keeps besides.
    """

    place: Place
    read_as: ReadAs = ReadAs()
    known: frozenset[str] = frozenset()
    for_book: bool = False


@contextmanager
def fetched(place: Place) -> Iterator[Path]:
    """Yield a recording's file on this machine; a copy is gone afterwards.

    Raises:
        BadInputError: it cannot be fetched.
    """
    if not place.files:
        yield Path(place.path)
        return
    from evdiag.scan.remote import fetched_copy

    with fetched_copy(place) as copy:
        yield copy


def without_secrets(text: str) -> str:
    """Return a URL, or words that hold one, without what only its owner should know.

    URLs stand in messages, and in tables that are handed on.
    """
    return _SIGNED.sub(r"\1…", _PASSWORD.sub(r"\1:…@", text))


def is_url(name: str) -> bool:
    """Tell whether a name is a URL, and no path."""
    return _URL.match(name) is not None


def is_none(name: str) -> str | None:
    """Return why a file of this name, met in a folder, is plainly no recording; None elsewhere."""
    if name.startswith("."):
        return "hidden"
    suffix = PurePath(name).suffix.lower()
    return f"no recording: {plain_text(suffix)}" if suffix in _OTHER_THINGS else None
