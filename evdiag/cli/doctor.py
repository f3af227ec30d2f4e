"""``evdiag doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.bus_options import bus_options, buses_of
from evdiag.cli.options import above, format_option

if TYPE_CHECKING:
    from evdiag.cli.output import Format, Record

COLUMNS = ("about", "status", "finding", "fix")
_SIGNS = {"ok": "✔", "hint": "·", "fault": "✘"}


@click.command("doctor")
@bus_options
@click.option(
    "--listen",
    type=float,
    callback=above(),
    default=3.0,
    show_default=True,
    metavar="S",
    help="Seconds per bus.",
)
@format_option
def command(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    listen: float,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Find out why nothing is heard: the usual faults of a set-up, and how each is mended.

    Without options it looks at this machine. With -i and -c it also opens that bus, silently, and
    judges what comes. Exit code 1 means that a fault was found.
    """
    from evdiag.bus.setup_checks import check_setup
    from evdiag.cli.output import records
    from evdiag.log_file import log_path, start_log

    start_log()
    named = bool(interface or channels)
    buses = buses_of(interface, channels, bitrate, fd, data_bitrate) if named else []
    faults = 0
    with records(form, output, COLUMNS, table_row, force=force) as emit:
        for check in check_setup(buses, listen):
            faults += check.status == "fault"
            emit({name: getattr(check, name) for name in COLUMNS})
    click.echo(f"drivers' own words: {log_path()}", err=True)
    return 1 if faults else 0


def table_row(record: Record) -> str:
    """Write one check for people."""
    lines = [f"{_SIGNS[record['status']]} {record['about']}: {record['finding']}"]
    if record["fix"]:
        lines.append(f"    {record['fix']}")
    return "\n".join(lines)
