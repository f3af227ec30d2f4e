"""``evdiag convert``: any readable format to any writable one, losses said aloud."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.options import time_unit_option

if TYPE_CHECKING:
    from evdiag.recordings.stamps import TimeUnit


@click.command("convert")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    "form",
    type=click.Choice(["candump", "gvret", "asc", "blf", "csv"]),
    help="The format of OUT, where its name does not tell; csv is python-can's.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT.")
@time_unit_option
def command(
    source: str, target: Path, form: str | None, force: bool, time_unit: TimeUnit | None
) -> int:
    """Write the recording IN as OUT and say what OUT cannot hold.

    The end of OUT's name tells its format: .log or .txt (candump), .csv (GVRET), .asc, .blf;
    .gz, .zst or .xz after it compresses text. ``-`` as IN is standard input.
    """
    from evdiag.cli.analysis import shipped_or_named
    from evdiag.cli.output import refuse_inputs
    from evdiag.cli.progress import each_counted
    from evdiag.recordings import convert
    from evdiag.stamp_unit import open_checked

    source = shipped_or_named(source)
    refuse_inputs(target, [source])
    recording = open_checked(source, time_unit, each_counted(source))
    lost = convert(recording, target, form, force=force)
    for warning in recording.report.warnings():
        click.echo(f"evdiag: {recording.label}: {warning}", err=True)
    for loss in lost:
        click.echo(f"evdiag: not held by the new file: {loss}", err=True)
    return 0
