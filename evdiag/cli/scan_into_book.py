"""``evdiag scan --into-book``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from evdiag.errors import BadInputError
from evdiag.tui.words import counted

if TYPE_CHECKING:
    from evdiag.cli.analysis import Emit
    from evdiag.scan.crew import Crew
    from evdiag.scan.places import ReadAs


def scan_into_book(
    places: Sequence[str], crew: Crew, read_as: ReadAs, emit: Emit, *, anew: bool
) -> int:
    """Scan into the case book, tell of each car what came in, and return the exit code."""
    from evdiag.cli.case_book import book
    from evdiag.cli.scan import wish_to_end
    from evdiag.cli.scan_progress import ScanProgress
    from evdiag.scan.folders import found
    from evdiag.scan.scanning import Scan

    with book() as opened, ScanProgress() as progress, wish_to_end() as must_stop:
        from evdiag.casebook.scanning import BookLog

        log = BookLog(opened, anew=anew)
        scan = Scan(
            log,
            crew,
            read_as=read_as,
            for_book=True,
            must_stop=must_stop,
            watch=progress.show,
            say=progress.say,
        )
        try:
            tally = scan.run(found(places))
        finally:
            progress.wipe()
    for each in sorted(log.vehicles.values(), key=lambda each: each.vehicle or ""):
        emit(asdict(each))
    filed = counted(tally.fresh, "recording")
    said = f"{opened.label}: {filed} filed, {tally.known - log.unknown:,} known"
    click.echo(f"{said}, {log.unknown:,} of unknown cars left out, {tally.bad:,} bad", err=True)
    if tally.stopped:
        click.echo("evdiag: interrupted: the same command goes on from there", err=True)
        return 130
    return BadInputError.exit_code if tally.bad else 0
