"""``evdiag dbc``: what a DBC holds, what is wrong with it, what of it looks like a charge port."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.options import for_each, format_option
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.cli.output import Format, Record
    from evdiag.databases import Database, Problem

COLUMNS = ("kind", "file", "line", "message", "signal", "problem", "consequence")

_PORT_SIGNALS_SHOWN = 20


@click.command("dbc")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@format_option
def command(files: tuple[str, ...], form: Format, output: Path | None, force: bool) -> int:
    """Say what each FILE holds, and every message and signal of it that is not quite right.

    As JSON lines: a summary of the file, then an object for each problem. CSV lists the problems.
    """
    from evdiag.cli.output import records

    def text(record: Record) -> str:
        return str(record["text"])

    with records(form, output, COLUMNS, text, force=force, inputs=files) as emit:

        def work(name: str) -> int:
            from evdiag.databases import load

            database = load(Path(name))
            if form == "table":
                emit({"text": described(database)})
                return exit_code(database)
            if form == "jsonl":
                emit(summary(database))
            for problem in database.problems:
                emit(problem._asdict())
            return exit_code(database)

        return for_each(files, work)


def summary(database: Database) -> dict[str, str | int]:
    """Return the summary of the command contract.

    `messages` and `signals` count the file's statements, `usable_signals` what can be decoded.
    """
    return {
        "file": database.file,
        "messages": database.message_statements,
        "signals": database.signal_statements,
        "problems": len(database.problems),
        "usable_signals": database.usable_signals,
    }


def exit_code(database: Database) -> int:
    """Return 2 where the file states messages and none of them could be loaded."""
    from evdiag.databases.database import LOST

    lost = any(problem.kind == LOST for problem in database.problems)
    return 2 if lost and not database.messages else 0


def described(database: Database) -> str:
    """Return what people want to know of a file."""
    from evdiag.databases.port_signals import port_candidates

    lines = [
        plain_text(database.file),
        f"  messages   {database.message_statements:,}, of which {len(database.messages):,} loaded",
        f"  signals    {database.signal_statements:,}, of which {database.usable_signals:,} usable",
        f"  problems   {len(database.problems):,}",
    ]
    lines += [f"    {_problem(problem)}" for problem in database.problems]
    candidates = port_candidates(database.messages)
    names = [plain_text(f"{found.message}.{found.signal}") for found in candidates]
    lines.append("  looks like a charge port: " + ("" if names else "nothing"))
    lines += [f"    {name}" for name in names[:_PORT_SIGNALS_SHOWN]]
    if len(names) > _PORT_SIGNALS_SHOWN:
        lines.append(f"    and {len(names) - _PORT_SIGNALS_SHOWN} more")
    return "\n".join(lines)


def _problem(problem: Problem) -> str:
    where = f"line {problem.line}: " if problem.line else ""
    whose = ".".join(name for name in (problem.message, problem.signal) if name)
    return plain_text(
        f"{where}{whose + ': ' if whose else ''}{problem.problem}; {problem.consequence}"
    )
