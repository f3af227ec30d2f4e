"""Options and arguments that several commands share, and the loop over several recordings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from evdiag.errors import EvdiagError

_Command = TypeVar("_Command", bound=Callable[..., Any])

_FORMS_OF_FILES = ("csv", "jsonl", "parquet")

WORST_FIRST = (130, 4, 3, 2, 1, 0)
"""Of several exit codes the worst wins (docs/commands.md)."""


def above(bound: float = 0.0) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Return a callback for an option whose number must be finite and above a bound."""

    def check(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        if value is not None and not (math.isfinite(value) and value > bound):
            raise click.BadParameter(f"must be a number above {bound:g}", ctx, param)
        return value

    return check


def format_option(command: _Command) -> _Command:
    """Add ``--format table|jsonl|csv``, ``--output FILE`` and ``--force``."""
    return _format_option(command, "A table for people, JSON lines or CSV for programs.")


def columns_format_option(command: _Command) -> _Command:
    """Add the same, with ``parquet`` as one more format."""
    said = "A table for people, JSON lines, CSV or Parquet for programs."
    return _format_option(command, said, "parquet")


def _format_option(command: _Command, said: str, *more: str) -> _Command:
    command = click.option("--force", is_flag=True, help="Overwrite the output file.")(command)
    command = click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        is_eager=True,
        help="Write to this file, not to standard output.",
    )(command)
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "jsonl", "csv", *more]),
        default="table",
        show_default="as the end of FILE's name says, or table",
        callback=_form_by_name,
        help=said,
    )(command)


def _form_by_name(ctx: click.Context, param: click.Parameter, form: str) -> str:
    """Return the form that was asked for, or else the one that the output's name ends in."""
    output: Path | None = ctx.params["output"]
    asked = ctx.get_parameter_source("form") is not ParameterSource.DEFAULT
    named = "" if output is None else output.suffix.lower().removeprefix(".")
    if asked or named not in _FORMS_OF_FILES:
        return form
    assert isinstance(param.type, click.Choice)
    if named not in param.type.choices:
        known = ", ".join(param.type.choices)
        raise click.BadParameter(
            f"no {named} is written here: say with --format which of {known}",
            ctx,
            param_hint="'--output'",
        )
    return named


def vehicle_option(command: _Command) -> _Command:
    """Add ``--vehicle ID``."""
    return click.option(
        "--vehicle",
        metavar="ID",
        help="The car's profile (see `evdiag vehicles list`); without it the car is identified.",
    )(command)


def time_unit_option(command: _Command) -> _Command:
    """Add ``--time-unit``, which overrules what is known or guessed about stamps."""
    return click.option(
        "--time-unit",
        type=click.Choice(["s", "ms", "us", "ns"]),
        help="The unit of the recording's stamps, where the file is wrong about it.",
    )(command)


def case_argument(command: _Command) -> _Command:
    """Add ``CASE``, the number of a case in the case book."""
    return click.argument("number", metavar="CASE", type=click.IntRange(min=1))(command)


def recordings_argument(command: _Command) -> _Command:
    """Add ``RECORDING...``; ``-`` is standard input."""
    return click.argument("recordings", metavar="RECORDING...", nargs=-1, required=True)(command)


def for_each(names: Iterable[str], work: Callable[[str], int]) -> int:
    """Run `work` on every name; a bad one is said on stderr and does not stop the rest.

    Returns the worst of the exit codes.

    Raises:
        click.exceptions.Exit: every name is a bad one, so there is no answer to write anywhere.
    """
    codes, failures = [0], 0
    tried = list(names)
    for name in tried:
        try:
            codes.append(work(name))
        except EvdiagError as error:
            click.echo(f"evdiag: {error}", err=True)
            codes.append(error.exit_code)
            failures += 1
    worst = min(codes, key=WORST_FIRST.index)
    if failures and failures == len(tried):
        raise click.exceptions.Exit(worst)
    return worst
