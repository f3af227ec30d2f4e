"""From a recording's name to its analysis, and the shape of every command that prints one."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from evdiag.cli.options import (
    for_each,
    format_option,
    recordings_argument,
    time_unit_option,
    vehicle_option,
)
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.cli.output import Format, Record
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.wiring import Analysis, Capture

Emit: TypeAlias = "Callable[[Record], None]"
Work: TypeAlias = "Callable[..., int]"
Option: TypeAlias = "Callable[[click.Command], click.Command]"


def analysis_command(
    name: str, columns: Sequence[str], row: Callable[[Record], str], *own_options: Option
) -> Callable[[Work], click.Command]:
    """Make a command of a function that prints one analysed recording and returns an exit code.

    `columns` are the CSV columns, `row` writes a record for people. The command takes any number
    of recordings and the options that all such commands share. It calls the function with the
    analysis, with what emits a record, and with the command's `own_options` by name; where the
    value of one is text, it names another recording that is read.
    """

    def decorate(work: Work) -> click.Command:
        @click.command(name, help=work.__doc__)
        @recordings_argument
        @vehicle_option
        @time_unit_option
        @format_option
        def command(
            recordings: tuple[str, ...],
            vehicle: str | None,
            time_unit: TimeUnit | None,
            form: Format,
            output: Path | None,
            force: bool,
            **own: Any,
        ) -> int:
            from evdiag.cli.output import records

            others = [value for value in own.values() if isinstance(value, str)]
            read = [shipped_or_named(name) for name in (*recordings, *others)]
            shown = row if len(recordings) == 1 else _under_its_name(row)
            with records(form, output, columns, shown, force=force, inputs=read) as emit:
                return for_each(
                    recordings, lambda name: work(analysed(name, vehicle, time_unit), emit, **own)
                )

        made: click.Command = command
        for option in own_options:
            made = option(made)
        return made

    return decorate


def _under_its_name(row: Callable[[Record], str]) -> Callable[[Record], str]:
    """Return what writes a record for people, the first one of a recording under its name."""
    last = ""

    def written(record: Record) -> str:
        nonlocal last
        before, last = last, record["recording"]
        title = "" if last == before else f"{plain_text(last)}\n"
        return title + row(record)

    return written


def captured(name: str, time_unit: TimeUnit | None, vehicle: str | None = None) -> Capture:
    """Read of a recording, or a shipped scenario by its name, what matters to a car.

    Says once what can change an answer.

    Raises:
        BadInputError: it cannot be read.
    """
    from evdiag.sifting import sift_capture

    return _captured(partial(sift_capture, vehicle=vehicle), name, time_unit)


def captured_whole(name: str, time_unit: TimeUnit | None) -> Capture:
    """Read every frame, as `captured` does those that matter.

    Raises:
        BadInputError: it cannot be read.
    """
    from evdiag.wiring import read_capture

    return _captured(read_capture, name, time_unit)


def _captured(read: Callable[..., Capture], name: str, time_unit: TimeUnit | None) -> Capture:
    from evdiag.cli.progress import counted
    from evdiag.loaded import leave_alone

    say_profile_problems()
    leave_alone()
    capture = read(shipped_or_named(name), time_unit=time_unit, progress=partial(counted, name))
    _warn(name, capture.warnings)
    return capture


def analysed(name: str, vehicle: str | None, time_unit: TimeUnit | None) -> Analysis:
    """Read and decode a recording; say which car it is taken for.

    Raises:
        BadInputError: it cannot be read, or the car cannot be told.
    """
    from evdiag.wiring import analyse

    analysis = analyse(captured(name, time_unit, vehicle), vehicle)
    say_car(name, analysis, vehicle)
    return analysis


def say_car(name: str, analysis: Analysis, vehicle: str | None) -> None:
    """Say on stderr which car a recording is taken for, and what can change an answer."""
    _warn(name, analysis.warnings)
    if vehicle is None:
        sure = f"{analysis.identified.confidence:.2f}"
        click.echo(f"{plain_text(name)}: {analysis.profile.name}, confidence {sure}", err=True)


@cache
def say_profile_problems() -> None:
    """Say, once a run, which of the user's profiles are left out, and so perhaps ours used."""
    from evdiag.vehicles.library import library

    for problem in library().problems:
        click.echo(f"evdiag: left out: {plain_text(problem)}", err=True)


def _warn(name: str, sentences: tuple[str, ...]) -> None:
    for sentence in sentences:
        click.echo(f"{plain_text(name)}: {plain_text(sentence)}", err=True)


def shipped_or_named(name: str) -> str:
    """Return the path of a shipped scenario for its name, anything else as it is."""
    from evdiag.packaged import shipped_recording

    try:
        if name == "-" or Path(name).exists():
            return name
        shipped = shipped_recording(name)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        # Opening it will say so.
        return name
    return name if shipped is None else str(shipped)
