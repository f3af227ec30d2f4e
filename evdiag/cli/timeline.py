"""``evdiag timeline``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.options import (
    for_each,
    format_option,
    recordings_argument,
    time_unit_option,
    vehicle_option,
)

if TYPE_CHECKING:
    from evdiag.cli.output import Format, Record
    from evdiag.port.readings import TimelineRow
    from evdiag.wiring import Analysis

COLUMNS = (
    "recording", "time_ns", "offset_s", "signal", "old", "new", "channel", "id", "dbc_signal",
    "raw",
)  # fmt: skip


@click.command("timeline")
@recordings_argument
@vehicle_option
@time_unit_option
@format_option
def command(
    recordings: tuple[str, ...],
    vehicle: str | None,
    time_unit: Any,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Print every change of every signal that speaks of the charge port.

    A value that stopped coming turns `stale` at the moment its time had passed.
    """
    from evdiag.cli.analysis import analysed
    from evdiag.cli.output import records

    with records(form, output, COLUMNS, table_row, force=force) as emit:

        def work(name: str) -> int:
            analysis = analysed(name, vehicle, time_unit)
            _, rows = analysis.run()
            for row in rows:
                emit(record(analysis, row))
            return 0

        return for_each(recordings, work)


def record(analysis: Analysis, row: TimelineRow) -> Record:
    """Return one row in the stable form of the command contract."""
    from evdiag.inputs import id_text
    from evdiag.inputs.frame import EXTENDED_KEY

    watched = analysis.watch.signals[row.watched]
    identifier = watched.key & ~EXTENDED_KEY
    return {
        "recording": analysis.capture.name,
        "time_ns": row.time_ns,
        "offset_s": (row.time_ns - analysis.start_ns) / 1e9,
        "signal": row.signal,
        "old": row.old,
        "new": row.new,
        "channel": watched.channel,
        "id": id_text(identifier, bool(watched.key & EXTENDED_KEY)),
        "dbc_signal": watched.signal.name,
        "raw": row.raw,
    }


def table_row(entry: Record) -> str:
    """Return one row for people."""
    from evdiag.plain import plain_text

    old = "" if entry["old"] is None else f"{_shown(entry['old'])} → "
    return plain_text(
        f"{entry['offset_s']:12.6f} s  {entry['signal']:<27} {old}{_shown(entry['new'])}"
    )


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
