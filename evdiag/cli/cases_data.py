"""``evdiag cases export``, ``import`` and ``backup``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from evdiag.errors import BadInputError
from evdiag.plain import plain_text

_STREAM = "-"
_force = click.option("--force", is_flag=True, help="Overwrite the file.")


@click.command("export")
@click.argument("file", metavar="FILE|-", type=click.Path())
@_force
def export_command(file: str, force: bool) -> int:
    """Write all of the book as JSON; - is standard output. Only you can read the file."""
    from evdiag.cli.case_book import book
    from evdiag.cli.output import destination

    output = None if file == _STREAM else Path(file)
    with book() as opened, destination(output, force=force, private=True) as stream:
        from evdiag.casebook.exchange import exported

        stream.writelines(exported(opened))
    return 0


@click.command("import")
@click.argument("file", metavar="FILE|-", type=click.Path())
def import_command(file: str) -> int:
    """Put what was exported into this book; - is standard input.

    What the book has already stays as it is, but for cars and cases that were changed later. A case
    whose number is taken here gets another one. All of it is put in, or nothing.
    """
    from evdiag.cli.case_book import book

    text = _read(file)
    with book() as opened:
        from evdiag.casebook.exchange import imported, recordings_in

        cases, recordings = recordings_in(imported(opened, text, _label(file)))
    click.echo(f"{_label(file)}: {cases} cases new or newer, {recordings} recordings new")
    return 0


@click.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@_force
def backup_command(file: Path, force: bool) -> int:
    """Write a copy of the book, while others go on using it.

    A book in a file is copied as a file; of one on a PostgreSQL server the copy is an export.
    """
    from evdiag.cli.case_book import book
    from evdiag.cli.output import refuse_existing, refuse_inputs

    with book() as opened:
        from evdiag.casebook.backup import back_up

        refuse_inputs(file, ())
        refuse_existing(file, force)
        said = back_up(opened, file)
    click.echo(f"{plain_text(str(file))}: {said}")
    return 0


def _read(file: str) -> str:
    try:
        if file != _STREAM:
            return Path(file).read_text(encoding="utf-8")
        if sys.stdin is None:
            raise BadInputError("standard input is closed: name a file")
        return sys.stdin.buffer.read().decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BadInputError(f"{_label(file)} cannot be read: {why}") from None


def _label(file: str) -> str:
    return "standard input" if file == _STREAM else plain_text(file)
