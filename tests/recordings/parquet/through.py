"""A recording put into an archive and got out again, compared in every way there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evdiag.inputs import BusEvent, Frame
from evdiag.recordings import ReadReport, Recording, open_recording
from evdiag.recordings.opening import opened
from evdiag.recordings.parquet.archive import archive_facts, open_archive
from evdiag.recordings.parquet.restoring import restore_files
from evdiag.recordings.parquet.writing import write_archive
from evdiag.recordings.source import Source

if TYPE_CHECKING:
    from evdiag.recordings.parquet.facts import ArchiveFacts
    from evdiag.recordings.stamps import TimeUnit


def archived(path: Path, folder: Path, *, keep_source: bool = False) -> Path:
    """Put a recording into an archive in `folder`."""
    target = folder / "archived.parquet"
    facts = write_archive(opened(path), target, keep_source=keep_source)
    assert archive_facts(Source(target)).text() == facts.text()
    return target


def restored(archive: Path) -> list[tuple[str, bytes]]:
    """Return the files that an archive gives back."""
    with TemporaryDirectory() as folder, open_archive(Source(archive)) as file:
        return [(path.name, path.read_bytes()) for path in restore_files(file, Path(folder))]


def facts_of(archive: Path) -> ArchiveFacts:
    """Return what an archive says of its source."""
    return archive_facts(Source(archive))


def assert_comes_back(path: Path, folder: Path, unit: TimeUnit | None = None) -> Path:
    """Archive a recording; bytes, items, blocks and report have to be those of the source."""
    archive = archived(path, folder)
    with Source(path).open() as stream:
        assert restored(archive)[0][1] == stream.read()
    assert_reads_the_same(path, archive, unit)
    return archive


def assert_reads_the_same(path: Path, archive: Path, unit: TimeUnit | None = None) -> None:
    """Compare what reading says of a source and of its archive, frame by frame and in blocks."""
    source, copy = open_recording(path, time_unit=unit), open_recording(archive, time_unit=unit)
    assert copy.written_unit == source.written_unit
    assert read(copy) == read(source)
    assert read_blocks(copy) == read_blocks(source)


def read(recording: Recording) -> tuple[list[Frame | BusEvent], ReadReport, list[object]]:
    """Read frame by frame; the order in which channels and ids were met is shown to people, too."""
    items = list(recording)
    return items, _comparable(recording), [*recording.report.channels, *recording.report.ids]


def read_blocks(recording: Recording) -> tuple[list[Frame], ReadReport, list[object]]:
    """Read in blocks."""
    frames = [frame for block in recording.blocks() for frame in block.frames()]
    return frames, _comparable(recording), [*recording.report.channels, *recording.report.ids]


def _comparable(recording: Recording) -> ReadReport:
    """Return the report without what is said of the file and not of what is in it."""
    return replace(recording.report, format="", compression=None)
