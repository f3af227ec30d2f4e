"""How far a scan has come, on one line of stderr, where somebody looks at it."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Final

import click

from evdiag.cli.progress import at_terminal

if TYPE_CHECKING:
    from evdiag.scan.rows import Left
    from evdiag.scan.scanning import Tally

_SHOWN_EVERY_S: Final = 0.25
_FIRST_GUESS_S: Final = 2.0
"""How long to look before saying how long it will take."""


class ScanProgress:
    """The line, which is there while the scan runs and gone afterwards."""

    def __init__(self) -> None:
        self._is_shown = at_terminal()
        self._began_s = time.monotonic()
        self._next_s = self._began_s + _SHOWN_EVERY_S
        self._is_there = False

    def __enter__(self) -> ScanProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()

    def show(self, tally: Tally) -> None:
        """Show a tally, if it is time to."""
        now_s = time.monotonic()
        if not self._is_shown or now_s < self._next_s:
            return
        self._next_s = now_s + _SHOWN_EVERY_S
        columns = shutil.get_terminal_size().columns
        line = progress_line(tally, now_s - self._began_s)[: columns - 1]
        click.echo(f"\r\x1b[K{line}", err=True, nl=False)
        self._is_there = True

    def say(self, left: Left) -> None:
        """Say, on a line that stays, what could not be read."""
        self.wipe()
        click.echo(f"evdiag: {left.reason}", err=True)

    def wipe(self) -> None:
        """Take the line away."""
        if self._is_there:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._is_there = False


def progress_line(tally: Tally, passed_s: float) -> str:
    """Return the line: done of all, rates, time left as far as it can be told."""
    rate = tally.done / passed_s if passed_s else 0.0
    bytes_rate = tally.done_bytes / passed_s if passed_s else 0.0
    total = f"{tally.found:,}" if tally.is_counted else f"{tally.found:,} (counting)"
    parts = [
        f"{tally.done:,} of {total} recordings",
        f"{rate:,.1f}/s",
        f"{bytes_rate / 1e6:,.1f} MB/s",
    ]
    if tally.bad:
        parts.append(f"{tally.bad:,} bad")
    if tally.is_counted and bytes_rate and passed_s >= _FIRST_GUESS_S:
        parts.append(f"{_time((tally.found_bytes - tally.done_bytes) / bytes_rate)} left")
    return ", ".join(parts)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes}:{rest:02d} min"
