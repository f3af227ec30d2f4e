"""Gets recordings out of an archive again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evdiag.archive.checking import check_archive
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.recordings import Loss, convert, open_recording
from evdiag.recordings.parquet.archive import open_archive
from evdiag.recordings.parquet.restoring import file_names, restore_files
from evdiag.recordings.source import Source

if TYPE_CHECKING:
    from evdiag.recordings.parquet.facts import ArchiveFacts


@dataclass(frozen=True)
class Restored:
    """What came out of an archive: the files, the very bytes of the source or not.

    Where not, the one file is candump text; `losses` are what that cannot hold of the frames.
    """

    paths: tuple[Path, ...]
    facts: ArchiveFacts
    losses: tuple[Loss, ...] = ()


def restore(
    name: str, folder: Path, *, force: bool = False, taken: Collection[Path] = ()
) -> Restored:
    """Give back what the archive `name` was made of, in `folder`, which may be new.

    Files that are `taken` are those of other archives: they are never overwritten.

    Raises:
        BadInputError: it is no archive, what it holds is not what was archived, a file is there
            already and `force` is false, or the folder cannot be written. Then nothing is written.
    """
    label = plain_text(str(folder))
    with open_archive(Source(name)) as archive:
        facts = archive.facts
        names = file_names(archive) if facts.gives_bytes else [f"{Path(facts.name).name}.log"]
        targets = [folder / name for name in names]
        for target in targets:
            if target in taken:
                raise BadInputError(
                    f"{plain_text(name)}: {plain_text(str(target))} was just written, of another "
                    "archive: restore this one into another folder"
                )
        try:
            # A name that is too long shows itself here.
            for target in targets:
                _refuse_existing(target, force)
            folder.mkdir(parents=True, exist_ok=True)
            if facts.gives_bytes:
                return Restored(tuple(restore_files(archive, folder)), facts)
        except OSError as error:
            raise BadInputError(f"{label} cannot be written: {error.strerror or error}") from None
    check_archive(name)
    losses = convert(open_recording(name), targets[0], "candump", force=force)
    return Restored(tuple(targets), facts, tuple(losses))


def _refuse_existing(target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise BadInputError(
            f"{plain_text(str(target))} exists already: name another folder or add --force"
        )
