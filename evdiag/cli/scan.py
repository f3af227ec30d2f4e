"""``evdiag scan``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.analysis import say_profile_problems, shipped_or_named
from evdiag.cli.interruption import Interruption, noticing
from evdiag.cli.options import format_option, time_unit_option, vehicle_option
from evdiag.errors import BadInputError
from evdiag.plain import plain_text
from evdiag.tui.words import counted

if TYPE_CHECKING:
    from evdiag.cli.output import Format, Record
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.scan.crew import Crew
    from evdiag.scan.log import ScanLog
    from evdiag.scan.places import ReadAs
    from evdiag.scan.scanning import Tally
    from evdiag.scan.tables import Vehicle

COLUMNS = (
    "vehicle", "recordings", "frames", "duration_s", "attempts", "findings", "faults", "first_ns",
    "last_ns",
)  # fmt: skip


@click.command("scan")
@click.argument("names", metavar="PATH|GLOB|URL...", nargs=-1, required=True)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the result; with that of an earlier scan in it, this one goes on there.",
)
@click.option(
    "--into-book",
    is_flag=True,
    help="Into the case book, as recordings of vehicles without a case, instead of a folder.",
)
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many recordings are read at a time; as many as there are processors, if not given.",
)
@click.option(
    "--dask",
    "cluster",
    metavar="ADDRESS",
    help="Have the workers of a dask.distributed scheduler (tcp://HOST:8786) do the work.",
)
@vehicle_option
@time_unit_option
@format_option
def command(
    names: tuple[str, ...],
    folder: Path | None,
    into_book: bool,
    processes: int | None,
    cluster: str | None,
    vehicle: str | None,
    time_unit: TimeUnit | None,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Scan hundreds of recordings: one table of recordings, attempts, findings and vehicles.

    Files, whole folders, globs, and URLs of object stores. The tables are Parquet files in the
    folder. What was scanned before is not scanned again, wherever it lies now, unless with
    --force; Ctrl-C leaves a usable result, and the same command goes on from there.
    """
    from evdiag.cli.output import records
    from evdiag.recordings.parquet.arrow import need_arrow
    from evdiag.scan.places import ReadAs

    if into_book == (folder is not None):
        raise BadInputError("a scan goes into a folder or into the case book: --to or --into-book")
    read_as = ReadAs(vehicle, time_unit)
    places = [shipped_or_named(_no_stream(name)) for name in names]
    _refuse_to_write_into(places, output)
    if folder is None:
        from evdiag.cli.scan_into_book import scan_into_book

        with (
            closing(_crew(processes, cluster)) as crew,
            records(form, output, COLUMNS, table_row, force=force) as emit,
        ):
            say_profile_problems()
            return scan_into_book(places, crew, read_as, emit, anew=force)
    with (
        # First: what it needs is imported there while it is here.
        closing(_crew(processes, cluster)) as crew,
        records(form, output, COLUMNS, table_row, force=force) as emit,
    ):
        need_arrow(plain_text(str(folder)))
        say_profile_problems()
        with _log(folder, read_as, anew=force) as log:
            tally, vehicles = _scan(places, folder, log, crew, read_as)
        for each in vehicles:
            emit(asdict(each))
    return _conclude(tally, folder)


def _refuse_to_write_into(places: list[str], output: Path | None) -> None:
    """Keep --output from taking the place of a recording that is scanned."""
    if output is None or not output.is_file():
        return
    from evdiag.scan.folders import matches

    named = (Path(match) for place in places for match in matches(place))
    if any(output.resolve().is_relative_to(path.resolve()) for path in named):
        raise BadInputError(
            f"{plain_text(str(output))} stands among what is scanned: name another file to write"
        )


def _scan(
    places: list[str], folder: Path, log: ScanLog, crew: Crew, read_as: ReadAs
) -> tuple[Tally, list[Vehicle]]:
    """Scan, and write the tables however that ends."""
    from evdiag.cli.scan_progress import ScanProgress
    from evdiag.scan.folders import found
    from evdiag.scan.scanning import Scan
    from evdiag.scan.tables import write_tables

    with ScanProgress() as progress, wish_to_end() as must_stop:
        scan = Scan(
            log,
            crew,
            read_as=read_as,
            must_stop=must_stop,
            watch=progress.show,
            say=progress.say,
        )
        try:
            tally = scan.run(found(places))
        finally:
            progress.wipe()
            vehicles = write_tables(log, folder)
    return tally, vehicles


@contextmanager
def _log(folder: Path, read_as: ReadAs, *, anew: bool) -> Iterator[ScanLog]:
    from evdiag.scan.log import ScanLog
    from evdiag.scan.made_by import made_by
    from evdiag.scan.tables import refuse_others

    if not anew:
        refuse_others(folder)
    with closing(ScanLog(folder, made_by(read_as), anew=anew)) as log:
        if log.unreadable_lines:
            said = f"{log.label}: {log.unreadable_lines} lines of its log cannot be read"
            click.echo(f"evdiag: {said} and were passed over", err=True)
        yield log


def _crew(processes: int | None, cluster: str | None) -> Crew:
    if cluster is not None:
        from evdiag.log_file import start_log
        from evdiag.scan.cluster import Cluster

        start_log()
        return Cluster(cluster)
    from evdiag.scan.crew import Processes, processors

    return Processes(processes or processors())


def _no_stream(name: str) -> str:
    if name == "-":
        raise BadInputError("a scan reads files, not standard input: save it as a file first")
    return name


@contextmanager
def wish_to_end() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether somebody wants the scan to end; who wants it twice has it at once.

    Nothing is lost then, either: the log is whole at every moment.
    """
    interruption = Interruption()

    def note(number: int, frame: Any) -> None:
        if interruption.came:
            os._exit(130)
        interruption.came = True

    with noticing(note):
        yield lambda: interruption.came


def table_row(entry: Record) -> str:
    """Return one car's recordings for people."""
    parts = [
        counted(entry["recordings"], "recording"),
        f"{entry['duration_s'] / 3600:,.1f} h",
        counted(entry["attempts"], "attempt"),
        counted(entry["faults"], "fault"),
    ]
    if entry["first_ns"] is not None:
        parts.append(f"{_day(entry['first_ns'])} to {_day(entry['last_ns'])}")
    return plain_text(f"{entry['vehicle'] or 'unknown car'}: {', '.join(parts)}")


def _day(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%d")


def _conclude(tally: Tally, folder: Path) -> int:
    """Say how it went; return the exit code."""
    label = plain_text(str(folder))
    said = f"{counted(tally.fresh, 'recording')} scanned, {tally.known:,} known already"
    if tally.bad or tally.skipped:
        said += f", {tally.bad:,} bad and {tally.skipped:,} skipped (see bad.parquet)"
    click.echo(f"{label}: {said}", err=True)
    if tally.stopped:
        left = "the rest" if not tally.is_counted else f"{tally.found - tally.done:,} files"
        click.echo(
            f"evdiag: interrupted with {left} to go: the same command goes on from there", err=True
        )
        return 130
    return BadInputError.exit_code if tally.bad else 0
