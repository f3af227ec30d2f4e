"""``evdiag replay``."""

from __future__ import annotations

import sys
from typing import Any

import click

from evdiag.cli.options import time_unit_option, vehicle_option


@click.command("replay")
@click.argument("recording", metavar="RECORDING")
@vehicle_option
@time_unit_option
@click.option("--speed", type=float, default=1.0, show_default=True, help="Times real time.")
@click.option("--paused", is_flag=True, help="Do not start to play at once.")
def command(recording: str, vehicle: str | None, time_unit: Any, speed: float, paused: bool) -> int:
    """Play a recording: a file, or a shipped scenario by its name.

    In a terminal this is the full screen. Without one the same thing is played as text: the
    timeline, the attempts, the findings.
    """
    from evdiag.cli.analysis import analysed

    if speed <= 0:
        raise click.BadParameter("must be larger than 0", param_hint="--speed")
    analysis = analysed(recording, vehicle, time_unit)
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        click.echo("no terminal here: playing as text", err=True)
        return _as_text(analysis)
    from evdiag.tui.app import ReplayApp

    app = ReplayApp(analysis, speed=speed, paused=paused)
    app.run()
    return app.return_code or 0


def _as_text(analysis: Any) -> int:
    from evdiag.cli import attempts, diagnose, timeline

    session, rows = analysis.run()
    click.echo(f"{analysis.profile.name}: what the port did")
    for row in rows:
        click.echo(timeline.table_row(timeline.record(analysis, row)))
    click.echo("\nAttempts to get the plug out")
    for attempt in session.attempts:
        click.echo(attempts.table_row(attempts.record(analysis, attempt)))
    if not session.attempts:
        click.echo("  none")
    click.echo("\nFindings")
    for finding in session.findings():
        click.echo(diagnose.table_row(diagnose.record(analysis.capture.name, finding)))
    return 0
