"""``evdiag archive make|restore|check``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.groups import CommandGroup
from evdiag.cli.options import for_each, format_option, recordings_argument, vehicle_option
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.archive.making import Archived
    from evdiag.archive.restoring import Restored
    from evdiag.cli.output import Format, Record
    from evdiag.recordings.parquet.facts import ArchiveFacts

MADE_COLUMNS = (
    "recording", "archive", "vehicle", "day", "frames", "source_bytes", "archive_bytes", "ratio",
    "gives_back", "sha256",
)  # fmt: skip
RESTORED_COLUMNS = ("archive", "files", "frames", "gives_back", "sha256", "not_held")
CHECKED_COLUMNS = ("archive", "frames", "gives_back", "sha256")

_to_folder = partial(
    click.option, "--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False)
)
_archives_argument = click.argument("archives", metavar="ARCHIVE...", nargs=-1, required=True)


@click.group("archive", cls=CommandGroup)
def command() -> None:
    """Recordings as Parquet: small, read by DuckDB, polars and pandas, and back as they were."""


@command.command("make")
@recordings_argument
@_to_folder(help="The archive's folder, which may be new.")
@vehicle_option
@click.option(
    "--keep-source", is_flag=True, help="Keep the bytes of BLF, SQLite and MF4 files, too."
)
@format_option
def make_archives(
    recordings: tuple[str, ...],
    folder: Path,
    vehicle: str | None,
    keep_source: bool,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Put each RECORDING into the archive FOLDER, by vehicle and day.

    What was written is read back and compared before it gets its name. Text comes back byte for
    byte; of BLF, SQLite and MF4 files the frames do, and their bytes with --keep-source. With
    --force a recording that is in the archive already is written anew.
    """
    from evdiag.archive.making import make
    from evdiag.cli.analysis import shipped_or_named
    from evdiag.cli.output import records
    from evdiag.cli.progress import each_counted

    with records(form, output, MADE_COLUMNS, _made_row, force=force, inputs=recordings) as emit:

        def work(name: str) -> int:
            path = shipped_or_named(name)
            archived = make(
                path,
                folder,
                vehicle=vehicle,
                keep_source=keep_source,
                force=force,
                progress=each_counted(name),
            )
            emit(_made_record(name, archived))
            for warning in archived.warnings:
                click.echo(f"{plain_text(name)}: {plain_text(warning)}", err=True)
            return 0

        return for_each(recordings, work)


@command.command("restore")
@_archives_argument
@_to_folder(help="The folder to write to, which may be new.")
@format_option
def restore_archives(
    archives: tuple[str, ...], folder: Path, form: Format, output: Path | None, force: bool
) -> int:
    """Write what each ARCHIVE was made of into FOLDER.

    Text and journals come back byte for byte, and nothing appears unless it has the hash of what
    was archived. (What was compressed comes back as it was before.) Of other files the frames come
    back, as candump text. --force overwrites files of the same names.
    """
    from evdiag.archive.restoring import restore
    from evdiag.cli.output import records

    columns = RESTORED_COLUMNS
    with records(form, output, columns, _restored_row, force=force, inputs=archives) as emit:
        taken: set[Path] = set()

        def work(name: str) -> int:
            restored = restore(name, folder, force=force, taken=taken)
            taken.update(restored.paths)
            emit(_restored_record(name, restored))
            for loss in restored.losses:
                click.echo(
                    f"evdiag: {plain_text(name)}: not held by candump text: {loss}", err=True
                )
            return 0

        return for_each(archives, work)


@command.command("check")
@_archives_argument
@format_option
def check_archives(
    archives: tuple[str, ...], form: Format, output: Path | None, force: bool
) -> int:
    """Read each ARCHIVE to its end and compare it with what was archived; write nothing."""
    from evdiag.archive.checking import check_archive
    from evdiag.cli.output import records

    with records(form, output, CHECKED_COLUMNS, _checked_row, force=force, inputs=archives) as emit:

        def work(name: str) -> int:
            facts = check_archive(name).facts
            emit({"archive": name, **_said_of(facts)})
            return 0

        return for_each(archives, work)


def _made_record(name: str, archived: Archived) -> Record:
    said = _said_of(archived.facts)
    return {
        "recording": name,
        "archive": str(archived.path),
        "vehicle": archived.vehicle,
        "day": archived.day,
        "frames": said["frames"],
        "source_bytes": archived.source_bytes,
        "archive_bytes": archived.archive_bytes,
        "ratio": round(archived.archive_bytes / archived.source_bytes, 4),
        "gives_back": said["gives_back"],
        "sha256": said["sha256"],
    }


def _restored_record(name: str, restored: Restored) -> Record:
    said = _said_of(restored.facts)
    return {
        "archive": name,
        "files": [str(path) for path in restored.paths],
        **said,
        "not_held": [str(loss) for loss in restored.losses],
    }


def _said_of(facts: ArchiveFacts) -> dict[str, object]:
    return {
        "frames": facts.frames,
        "gives_back": "bytes" if facts.gives_bytes else "frames",
        "sha256": facts.source_sha256,
    }


def _made_row(record: Record) -> str:
    share = f"{100 * record['ratio']:.1f} %"
    return plain_text(
        f"{record['archive']}: {record['frames']:,} frames, {record['archive_bytes']:,} bytes, "
        f"{share} of {record['source_bytes']:,}; gives back {_given(record)}"
    )


def _restored_row(record: Record) -> str:
    files = ", ".join(record["files"])
    return plain_text(f"{files}: {record['frames']:,} frames, {_given(record)}")


def _checked_row(record: Record) -> str:
    return plain_text(
        f"{record['archive']}: {record['frames']:,} frames, whole; gives back {_given(record)}"
    )


def _given(record: Record) -> str:
    if record["gives_back"] == "bytes":
        return f"the very bytes (sha256 {record['sha256'][:16]}…)"
    return "the frames, as candump text, not the file's own bytes"
