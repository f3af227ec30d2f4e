"""``evdiag adapters``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.options import format_option

if TYPE_CHECKING:
    from evdiag.cli.output import Format, Record

COLUMNS = (
    "interface",
    "channel",
    "description",
    "listen_only",
    "fd",
    "bitrates",
    "timestamps",
    "ready",
    "state",
    "command",
)


@click.command("adapters")
@format_option
def command(form: Format, output: Path | None, force: bool) -> int:
    """What is plugged in, what each adapter can do, and the command that uses it.

    Looks at SocketCAN interfaces, USB serial ports and the makers' drivers that python-can can
    ask. Nothing is opened, so nothing is disturbed; what answers behind a serial port is told by
    `evdiag doctor`.
    """
    from evdiag.bus.adapters import adapters, for_trying_out
    from evdiag.cli.output import records

    found = adapters()
    with records(form, output, COLUMNS, table_row, force=force) as emit:
        for adapter in [*found, *for_trying_out()]:
            emit({name: getattr(adapter, name) for name in COLUMNS})
    if not found:
        click.echo(
            "no adapter found; what is listed needs none (`evdiag doctor` says what is missing)",
            err=True,
        )
    return 0


def table_row(record: Record) -> str:
    """Write one adapter for people."""
    lines = [
        f"{record['interface']} {record['channel']}  {record['description']}".rstrip(),
        f"    listen-only  {record['listen_only']}",
        f"    CAN FD       {record['fd']}",
        f"    bit rates    {record['bitrates']}",
        f"    stamped by   {record['timestamps']}",
        f"    state        {record['state']}",
        f"    use it       {record['command']}",
    ]
    return "\n".join(lines)
