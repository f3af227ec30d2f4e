"""``evdiag decode``: any signal of any DBC."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

from evdiag.cli.options import (
    columns_format_option,
    for_each,
    recordings_argument,
    time_unit_option,
)
from evdiag.errors import BadInputError, EvdiagError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.databases import Database
    from evdiag.inputs import FrameKey
    from evdiag.recordings import Recording
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.signals.decoding import Decoded, Wanted

_ROWS_FOR_EYES: Final = 500
"""Somebody who watches is shown what there is so far, in small portions."""


class Rows(Protocol):
    """What writes decoded signals, in the form that was asked for."""

    def write(self, recording: str, decoded: Decoded) -> None:
        """Write the rows of one stretch."""

    def place(self) -> int | None:
        """Return a place that one can go back to; None where what is written cannot be undone."""

    def go_back(self, place: int) -> None:
        """Undo what was written after a place."""


@click.command("decode")
@recordings_argument
@click.option(
    "--dbc",
    "databases",
    metavar="FILE",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="The DBC; of several, the first that knows an id decodes it.",
)
@click.option(
    "--signal",
    "names",
    metavar="NAME",
    multiple=True,
    help="Only this signal: NAME or MESSAGE.NAME.",
)
@click.option("--changes", is_flag=True, help="Only where the raw value changed.")
@time_unit_option
@columns_format_option
def command(
    recordings: tuple[str, ...],
    databases: tuple[Path, ...],
    names: tuple[str, ...],
    changes: bool,
    time_unit: TimeUnit | None,
    form: str,
    output: Path | None,
    force: bool,
) -> int:
    """Decode the frames of each RECORDING: one row a signal a frame, in the order of the file.

    RECORDING may be - for standard input, for example `candump -L can0 | evdiag decode - ...`.
    """
    from evdiag.cli.analysis import shipped_or_named
    from evdiag.decoding import wanted_signals

    recordings = tuple(map(shipped_or_named, recordings))
    wanted = wanted_signals(_loaded(databases), names)
    read: tuple[str | Path, ...] = (*recordings, *databases)
    is_watched = output is None and sys.stdout is not None and sys.stdout.isatty()
    with _rows(form, output, force, read) as rows:
        decoding = _Decoding(wanted, rows, time_unit, changes=changes, is_watched=is_watched)
        return for_each(recordings, decoding.decode)


def _loaded(paths: Iterable[Path]) -> list[Database]:
    from evdiag.databases import load
    from evdiag.databases.database import LOST

    loaded = [load(path) for path in paths]
    for database in loaded:
        lost = sum(problem.kind == LOST for problem in database.problems)
        if lost:
            click.echo(
                f"{database.file}: {lost} messages and signals are not loaded; "
                "`evdiag dbc` says which and why",
                err=True,
            )
    return loaded


@contextmanager
def _rows(
    form: str, output: Path | None, force: bool, inputs: Iterable[str | Path]
) -> Iterator[Rows]:
    if form == "parquet":
        if output is None:
            raise BadInputError("Parquet goes into a file: name it with --output")
        with _parquet_rows(output, force, inputs) as rows:
            yield rows
        return
    from evdiag.cli.decoded_text import FORMS, TextRows
    from evdiag.cli.output import destination

    with destination(output, force=force, inputs=inputs) as stream:
        yield TextRows(stream, FORMS[form], is_own=output is not None)


@contextmanager
def _parquet_rows(output: Path, force: bool, inputs: Iterable[str | Path]) -> Iterator[Rows]:
    from evdiag.cli.output import refuse_inputs, written
    from evdiag.recordings.parquet.arrow import need_arrow

    need_arrow(plain_text(str(output)))
    from evdiag.cli.decoded_parquet import parquet_rows

    refuse_inputs(output, inputs)
    with written(output, force, binary=True) as stream, parquet_rows(stream) as rows:
        yield rows


class _Decoding:
    """Recordings on their way to rows."""

    def __init__(
        self,
        wanted: dict[FrameKey, list[Wanted]],
        rows: Rows,
        time_unit: TimeUnit | None,
        *,
        changes: bool,
        is_watched: bool,
    ) -> None:
        self._wanted = wanted
        self._rows = rows
        self._time_unit = time_unit
        self._is_watched = is_watched
        self._options: dict[str, Any] = {"changes_only": changes}
        if is_watched:
            self._options["rows_at_once"] = _ROWS_FOR_EYES

    def decode(self, name: str) -> int:
        """Write the rows of one recording, say what is odd about it, and return 0."""
        place = self._rows.place()
        if place is None:
            recording, found = self._looked_at_before(name)
        else:
            recording, found = self._looked_at_after(name, place)
        _warn(recording, found)
        return 0

    def _looked_at_before(self, name: str) -> tuple[Recording, bool]:
        """Read once for the unit of the stamps, and once for the rows."""
        from evdiag.stamp_unit import open_checked

        recording = open_checked(name, self._time_unit, self._progress(name))
        return recording, self._write(recording)

    def _looked_at_after(self, name: str, place: int) -> tuple[Recording, bool]:
        """Read once, and once more only if the stamps turn out to be in another unit."""
        from evdiag.recordings import open_recording
        from evdiag.stamp_unit import in_better_unit

        recording = open_recording(name, time_unit=self._time_unit)
        recording.progress = self._progress(name)
        try:
            found = self._write(recording)
            better = in_better_unit(recording)
            if better is None:
                return recording, found
            self._rows.go_back(place)
            return better, self._write(better)
        except EvdiagError:
            self._rows.go_back(place)
            raise

    def _write(self, recording: Recording) -> bool:
        from evdiag.decoding import decoded

        if self._is_watched:
            # The rows themselves show that something happens.
            recording.progress = None
        found = False
        for stretch in decoded(recording, self._wanted, **self._options):
            found = found or len(stretch) > 0
            self._rows.write(recording.name, stretch)
        return found

    def _progress(self, name: str) -> Any:
        from evdiag.cli.progress import each_counted

        return each_counted(name)


def _warn(recording: Recording, found: bool) -> None:
    name = plain_text(recording.name)
    for sentence in recording.report.warnings():
        click.echo(f"{name}: {plain_text(sentence)}", err=True)
    if not found:
        click.echo(f"{name}: no frame carries any of the signals", err=True)
