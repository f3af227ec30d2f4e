"""``evdiag decode``: any signal of any DBC."""

from __future__ import annotations

import math
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from evdiag.cli.options import for_each, format_option, recordings_argument, time_unit_option
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evdiag.cli.output import Format, Record
    from evdiag.databases import Database, MessageLayout
    from evdiag.inputs import FrameKey
    from evdiag.recordings import Recording
    from evdiag.signals.compiled import CompiledSignal

COLUMNS = ("recording", "time_ns", "channel", "id", "message", "signal", "raw", "value")

_NEAREST_SHOWN = 5


class Wanted(NamedTuple):
    """A signal to decode from the frames of one key."""

    message: str
    signal: CompiledSignal


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
@format_option
def command(
    recordings: tuple[str, ...],
    databases: tuple[Path, ...],
    names: tuple[str, ...],
    changes: bool,
    time_unit: Any,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Decode the frames of each RECORDING: one row a signal a frame, in the order of the file.

    RECORDING may be - for standard input, for example `candump -L can0 | evdiag decode - ...`.
    """
    from evdiag.cli.output import records
    from evdiag.cli.progress import each_counted

    wanted = wanted_signals(_loaded(databases), names)
    read: tuple[str | Path, ...] = (*recordings, *databases)
    with records(form, output, COLUMNS, table_row, force=force, inputs=read) as emit:

        def work(name: str) -> int:
            from evdiag.wiring import open_checked

            recording = open_checked(name, time_unit, each_counted(name))
            if output is None and sys.stdout.isatty():
                # The rows themselves show that something happens.
                recording.progress = None
            found = False
            for row in decoded(recording, wanted, changes):
                found = True
                emit(row)
            _warn(recording, found)
            return 0

        return for_each(recordings, work)


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


def wanted_signals(
    databases: Iterable[Database], names: Iterable[str]
) -> dict[FrameKey, list[Wanted]]:
    """Return what to decode from the frames of each key; of several databases the first wins.

    Raises:
        BadInputError: no database knows a signal of this name.
    """
    from evdiag.signals.compiled import compile_message

    layouts: dict[FrameKey, tuple[MessageLayout, ...]] = {}
    for database in databases:
        layouts = {**database.by_key, **layouts}
    found = {
        key: [
            Wanted(layout.name, signal)
            for layout in messages
            for signal in compile_message(layout).signals
        ]
        for key, messages in layouts.items()
    }
    asked = set(names)
    if not asked:
        return found
    _check(asked, {name for signals in found.values() for w in signals for name in _names(w)})
    return {
        key: chosen
        for key, signals in found.items()
        if (chosen := [w for w in signals if not asked.isdisjoint(_names(w))])
    }


def _names(wanted: Wanted) -> tuple[str, str]:
    return wanted.signal.name, f"{wanted.message}.{wanted.signal.name}"


def _check(asked: set[str], known: set[str]) -> None:
    for name in sorted(asked - known):
        lower = {other.lower(): other for other in sorted(known)}
        near = [lower[n] for n in get_close_matches(name.lower(), lower, _NEAREST_SHOWN, 0.5)]
        advice = f"the nearest are {', '.join(near)}" if near else "see `evdiag dbc`"
        raise BadInputError(plain_text(f"no DBC has a signal {name}: {advice}"))


def decoded(
    recording: Recording, wanted: dict[FrameKey, list[Wanted]], changes: bool
) -> Iterator[Record]:
    """Yield the rows of one recording in the stable form of the command contract."""
    from evdiag.inputs import frame_key, id_text
    from evdiag.signals.changes import same_raw

    last: dict[Any, Any] = {}
    for frame in recording.frames():
        if frame.error or frame.remote:
            continue
        key = frame_key(frame.id, frame.extended)
        for place, (message, signal) in enumerate(wanted.get(key, ())):
            raw = signal.raw(frame.data)
            if raw is None:
                continue
            if changes:
                seen = frame.channel, key, place
                if same_raw(raw, last.get(seen)):
                    continue
                last[seen] = raw
            yield {
                "recording": recording.name,
                "time_ns": frame.time_ns,
                "channel": frame.channel,
                "id": id_text(frame.id, frame.extended),
                "message": message,
                "signal": signal.name,
                "raw": _finite(raw),
                "value": _finite(signal.value(raw)),
            }


def _finite(value: int | float | str) -> int | float | str | None:
    """Return a value that JSON has: no NaN, no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _warn(recording: Recording, found: bool) -> None:
    name = plain_text(recording.name)
    for sentence in recording.report.warnings():
        click.echo(f"{name}: {plain_text(sentence)}", err=True)
    if not found:
        click.echo(f"{name}: no frame carries any of the signals", err=True)


def table_row(record: Record) -> str:
    """Return one row for people."""
    seconds = record["time_ns"] / 1e9
    value = "not a number" if record["value"] is None else record["value"]
    return plain_text(
        f"{seconds:17.6f}  {record['channel']!s:<6} {record['id']:<10}  "
        f"{record['message']}.{record['signal']} = {value}"
    )
