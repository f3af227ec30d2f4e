"""Reads an archived recording to its end and compares it with what was archived."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.errors import BadInputError
from evdiag.recordings.parquet.archive import open_archive
from evdiag.recordings.parquet.digest import FrameDigest
from evdiag.recordings.parquet.restoring import source_text
from evdiag.recordings.source import Source

if TYPE_CHECKING:
    from evdiag.recordings.parquet.archive import Archive
    from evdiag.recordings.parquet.facts import ArchiveFacts


@dataclass(frozen=True)
class Checked:
    """An archive that was read to its end and found equal to its source.

    `gives_bytes` tells whether the source's bytes come back, or its frames only.
    """

    name: str
    facts: ArchiveFacts

    @property
    def gives_bytes(self) -> bool:
        """Whether the very bytes were compared, and not only the frames."""
        return self.facts.gives_bytes


def check_archive(name: str, *, as_made: ArchiveFacts | None = None) -> Checked:
    """Read an archive to its end.

    `as_made` is what it should say of its source, where that is known.

    Raises:
        BadInputError: it is none of ours, or what it holds is not what was archived.
    """
    with open_archive(Source(name)) as archive:
        facts = archive.facts
        if as_made is not None and facts.text() != as_made.text():
            raise _damaged(archive, "it does not say of its source what was written")
        frames, text = FrameDigest(), hashlib.sha256()
        for part in source_text(archive, frames.add):
            text.update(part)
        if frames.hexdigest() != facts.frames_sha256:
            raise _damaged(archive, "its frames are not those that were archived")
        if facts.gives_bytes and text.hexdigest() != facts.source_sha256:
            raise _damaged(archive, "the text that it gives back is not the one that was archived")
        for file in facts.files:
            if file.text is not None and hashlib.sha256(file.text).hexdigest() != file.sha256:
                raise _damaged(archive, "a file beside the frames is not the one that was archived")
    return Checked(name, facts)


def _damaged(archive: Archive, why: str) -> BadInputError:
    return BadInputError(f"{archive.label} is damaged: {why}")
