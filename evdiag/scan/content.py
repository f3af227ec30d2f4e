"""What a recording is, whatever its name: the SHA-256 of its bytes, decompressed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evdiag.recordings.opening import opened
from evdiag.recordings.parquet.originals import Originals
from evdiag.recordings.source import Source

if TYPE_CHECKING:
    from evdiag.recordings.parquet.facts import ArchiveFacts

_ROOM: Final = 1 << 20
_ARCHIVE: Final = b"PAR1"


@dataclass(frozen=True, slots=True)
class Content:
    """The identity of a recording, and how many bytes it has.

    A compressed recording is the same as the one it was made of, and so is an archive of it. A
    journal is all of its files: one more mark makes it another one.
    """

    sha256: str
    bytes: int


def content_of(path: Path) -> Content:
    """Read a recording's bytes.

    Raises:
        BadInputError: there is no such file, or it is no recording evdiag can read.
    """
    source = Source(path)
    if source.head.startswith(_ARCHIVE):
        from evdiag.recordings.parquet.archive import archive_facts

        return _archived(archive_facts(source))
    originals = Originals(opened(path))
    files = [_hashed(file) for file in (*originals.logs, *originals.sides)]
    return Content(_together([digest for digest, _ in files]), sum(size for _, size in files))


def _archived(facts: ArchiveFacts) -> Content:
    """Return the identity of what an archive was made of, as the archive says it."""
    digests = [file.sha256 for file in facts.files] or [facts.source_sha256]
    size = sum(file.size for file in facts.files) or facts.source_bytes
    return Content(_together(digests), size)


def _hashed(source: Source) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with source.open() as stream:
        while data := stream.read(_ROOM):
            digest.update(data)
            size += len(data)
    if source.cut_short:
        # Where its end is damaged, the same bytes come out of what is not the same recording.
        digest.update(b"cut short")
    return digest.hexdigest(), size


def _together(digests: list[str]) -> str:
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    )


def seal(files: tuple[Path, ...]) -> tuple[tuple[int, int, int, int], ...]:
    """Return what changes when one of the files does.

    Raises:
        OSError: one is gone.
    """
    looks = [os.stat(file) for file in files]
    return tuple((look.st_dev, look.st_ino, look.st_size, look.st_mtime_ns) for look in looks)
