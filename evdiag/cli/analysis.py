"""From a recording's name to its analysis, with everything that can change an answer on stderr."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.wiring import Analysis, Capture


def captured(name: str, time_unit: TimeUnit | None) -> Capture:
    """Read a recording, or a shipped scenario by its name; say once what can change an answer.

    Raises:
        BadInputError: it cannot be read.
    """
    from evdiag.cli.progress import counted
    from evdiag.wiring import read_capture

    capture = read_capture(_shipped_or_named(name), time_unit, partial(counted, name))
    _warn(name, capture.warnings)
    return capture


def analysed(name: str, vehicle: str | None, time_unit: TimeUnit | None) -> Analysis:
    """Read and decode a recording; say which car it is taken for.

    Raises:
        BadInputError: it cannot be read, or the car cannot be told.
    """
    from evdiag.wiring import analyse

    analysis = analyse(captured(name, time_unit), vehicle)
    _warn(name, analysis.warnings)
    if vehicle is None:
        sure = f"{analysis.identified.confidence:.2f}"
        click.echo(f"{plain_text(name)}: {analysis.profile.name}, confidence {sure}", err=True)
    return analysis


def _warn(name: str, sentences: tuple[str, ...]) -> None:
    for sentence in sentences:
        click.echo(f"{plain_text(name)}: {plain_text(sentence)}", err=True)


def _shipped_or_named(name: str) -> str:
    from pathlib import Path

    from evdiag.packaged import shipped_recording

    if name == "-" or Path(name).exists():
        return name
    shipped = shipped_recording(name)
    return name if shipped is None else str(shipped)
