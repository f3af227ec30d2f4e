"""``evdiag replay``."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.case_book import case_option, check_case, put_into_case
from evdiag.cli.options import time_unit_option, vehicle_option

if TYPE_CHECKING:
    from evdiag.tui.guide_start import GuideStart
    from evdiag.wiring import Analysis


@click.command("replay")
@click.argument("recording", metavar="RECORDING")
@vehicle_option
@time_unit_option
@click.option("--speed", type=float, default=1.0, show_default=True, help="Times real time.")
@click.option("--paused", is_flag=True, help="Do not start to play at once.")
@case_option("Put the recording into this case of the case book.")
def command(
    recording: str,
    vehicle: str | None,
    time_unit: Any,
    speed: float,
    paused: bool,
    case: int | None,
) -> int:
    """Play a recording: a file, or a shipped scenario by its name.

    In a terminal this is the full screen. Without one the same thing is played as text: the
    timeline, the attempts, the findings.
    """
    if not (speed > 0 and math.isfinite(speed)):
        raise click.BadParameter("must be a number larger than 0", param_hint="--speed")
    check_case(case)
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        from evdiag.cli.analysis import analysed

        click.echo("no terminal here: playing as text", err=True)
        code = play_as_text(analysed(recording, vehicle, time_unit))
    else:
        code = on_screen(recording, vehicle, time_unit, speed, paused)
    if case is None:
        return code
    from evdiag.scan.places import ReadAs

    read_as = ReadAs(vehicle, time_unit)
    return max(code, put_into_case(case, [recording], "replay", read_as))


def on_screen(
    recording: str,
    vehicle: str | None = None,
    time_unit: Any = None,
    speed: float = 1.0,
    paused: bool = False,
    guide: GuideStart | None = None,
) -> int:
    """Play a recording on the whole terminal; return the exit code.

    With `guide` it opens at its end, where the person is guided.
    """
    from evdiag.cli.analysis import say_profile_problems, shipped_or_named
    from evdiag.cli.case_desk import BookOnScreen, say_what_was_put
    from evdiag.scan.places import ReadAs
    from evdiag.tui.app import ReplayApp

    def read() -> Analysis:
        from evdiag.wiring import analyse, read_capture

        return analyse(read_capture(shipped_or_named(recording), time_unit), vehicle)

    book = BookOnScreen("replay", ReadAs(vehicle, time_unit))
    app = ReplayApp(read, speed=speed, paused=paused, guide=guide, book=book)
    app.run()
    say_profile_problems()
    if app.failure is not None:
        raise app.failure
    if Path(recording).is_file():
        from evdiag.recent import remember_recording

        remember_recording(Path(recording))
    return max(app.return_code or 0, say_what_was_put(app.cases))


def play_as_text(analysis: Analysis) -> int:
    """Print what the screen would show of a recording: timeline, attempts, findings."""
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
