"""Puts a recording into an archive, and sees to it that it comes out again as it went in."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evdiag.archive.checking import check_archive
from evdiag.archive.places import day_of, place
from evdiag.errors import BadInputError
from evdiag.inputs import Block
from evdiag.plain import plain_text
from evdiag.recordings.opening import Opened, opened
from evdiag.recordings.parquet.arrow import need_arrow
from evdiag.recordings.parquet.originals import Originals
from evdiag.recordings.parquet.writing import write_archive
from evdiag.recordings.source import STANDARD_INPUT, Source
from evdiag.stamp_unit import open_checked
from evdiag.vehicles.identification import decide
from evdiag.vehicles.library import library
from evdiag.wiring import Capture, rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evdiag.recordings import Recording
    from evdiag.recordings.parquet.facts import ArchiveFacts
    from evdiag.recordings.recording import EachPass


@dataclass(frozen=True)
class Archived:
    """A recording that is in the archive, read back and found equal.

    `source_bytes` are those of its files as they lay there, compressed where they were; `warnings`
    what reading it brought to light.
    """

    path: Path
    vehicle: str | None
    day: str | None
    source_bytes: int
    archive_bytes: int
    facts: ArchiveFacts
    warnings: tuple[str, ...] = ()


def make(
    name: str,
    folder: Path,
    *,
    vehicle: str | None = None,
    keep_source: bool = False,
    force: bool = False,
    progress: EachPass | None = None,
) -> Archived:
    """Archive the recording `name` (``-`` is standard input) under `folder`, which may be new.

    The file appears under its name once it was read back and found equal. `vehicle` is decided as
    for every other command where it is not given. With `keep_source` the bytes of a source that is
    no text are kept, too.

    Raises:
        BadInputError: the recording cannot be read, it is in the archive already and `force` is
            false, the folder cannot be written, or pyarrow is missing.
    """
    need_arrow(plain_text(str(folder)))
    if vehicle is not None:
        library().profile(vehicle)
    with _as_file(name) as path:
        found = opened(path)
        if found.is_archive:
            raise BadInputError(f"{plain_text(name)} is an archive already")
        with _unfinished(folder) as unfinished:
            with _unchanged(name, found):
                recording = open_checked(path, progress=progress)
                if not recording.report.complete:
                    recording.read_through()
                facts = write_archive(
                    found, unfinished, time_unit=recording.time_unit, keep_source=keep_source
                )
                check_archive(str(unfinished), as_made=facts)
            vehicle = vehicle or _vehicle(recording)
            day = day_of(recording.report.first_ns) if recording.report.has_clock else None
            target = folder / place(vehicle, day, facts.name, facts.source_sha256)
            if target.exists() and not force:
                raise BadInputError(
                    f"{plain_text(name)} is in the archive already, as {plain_text(str(target))}: "
                    "write it anew with --force"
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished.replace(target)
        size, warnings = target.stat().st_size, tuple(recording.report.warnings())
        return Archived(target, vehicle, day, _size(found), size, facts, warnings)


def _vehicle(recording: Recording) -> str | None:
    """Return the car that every other command takes a recording for, once it was read."""
    journal = recording.journal
    if journal is not None and journal.identified is not None:
        return journal.identified.vehicle
    best = decide(
        rank(Capture(recording.name, recording.report, Block.from_frames([]), (), journal))
    )
    return None if best is None else best.vehicle


@contextmanager
def _as_file(name: str) -> Iterator[str]:
    """Yield the path of a recording; what comes but once is kept in a file."""
    source = Source(name)
    if not source.comes_once:
        yield name
        return
    with tempfile.TemporaryDirectory(prefix="evdiag-") as folder:
        path = Path(folder, "standard-input" if name == STANDARD_INPUT else "pipe")
        with path.open("wb") as copy, source.stored_bytes() as stream:
            shutil.copyfileobj(stream, copy)
        try:
            yield str(path)
        except BadInputError as error:
            # A copy goes by a name that nobody knows.
            said = str(error).replace(plain_text(str(path)), source.label)
            raise BadInputError(said) from None


@contextmanager
def _unchanged(name: str, found: Opened) -> Iterator[None]:
    """Make sure that a recording, which is read several times, is the same one each time.

    Raises:
        BadInputError: it is not, whatever else went wrong with it.
    """
    before = _seal(found)
    try:
        yield
    except (BadInputError, OSError):
        if _seal(found) == before:
            raise
    if _seal(found) != before:
        raise BadInputError(
            f"{plain_text(name)} was written to or taken away while it was archived: archive it "
            "once more"
        )


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """Yield a file in the archive's folder that is gone afterwards unless it was given a name."""
    path = folder / f".evdiag-{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield path
    except OSError as error:
        label = plain_text(str(folder))
        raise BadInputError(f"{label} cannot be written: {error.strerror or error}") from None
    finally:
        # A folder that is none holds no file either.
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _size(found: Opened) -> int:
    """Return how many bytes the recording's files take up as they lie there."""
    return sum(path.stat().st_size for path in _files(found))


def _seal(found: Opened) -> list[tuple[int, int, int]] | None:
    """Return what changes when one of the recording's files does; None where one is gone."""
    try:
        looks = [path.stat() for path in _files(found)]
    except OSError:
        return None
    return [(look.st_ino, look.st_size, look.st_mtime_ns) for look in looks]


def _files(found: Opened) -> list[Path]:
    originals = Originals(found)
    return [Path(file.name) for file in (*originals.logs, *originals.sides)]
