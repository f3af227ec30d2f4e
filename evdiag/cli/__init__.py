"""The command line: parses, calls one station, prints. One module a command.

Nothing heavy is imported before a command needs it: the table below is all that ``--help`` reads.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from evdiag import __version__
from evdiag.cli.groups import CommandGroup
from evdiag.errors import BadInputError, BusError, EvdiagError
from evdiag.plain import plain_text
from evdiag.vocabulary import COMMANDS as GIVEN_TO_THE_CAR

COMMANDS: dict[str, str] = {
    "adapters": "What is plugged in, what each adapter can do, and how to use it.",
    "archive": "Recordings as Parquet, by vehicle and day, and back as they were.",
    "attempts": "Each attempt to get the plug out: who asked, what the lock did, how long it took.",
    "cases": "The case book: vehicles, cases, their recordings, what was tried, what helped.",
    "connect": "Plug into a car: what its charge port does, live, on the whole terminal.",
    "convert": "Write a recording in another format and say what that format cannot hold.",
    "cycle": "Unlock, lock and unlock the charge port of a car that can be told to.",
    "dbc": "What a DBC file holds, and what is wrong with it.",
    "decode": "Any signal of any DBC, as a table, CSV or JSONL.",
    "demo": "A simulated car with a stuck cable; no hardware is needed.",
    "diagnose": "The findings, with their evidence and what to do next.",
    "doctor": "Why nothing is heard: the usual faults of a set-up, and how to mend them.",
    "dtc": "Trouble codes of the car's control units: read them, clear one.",
    "guide": "Get a stuck plug out, step by step, each checked against what the bus shows.",
    "identify": "Which car a recording is of, and how sure that is.",
    "info": "Format, length, channels, rates and every oddity of a recording.",
    "open-flap": "Open the flap of the charge port of a car that can be told to.",
    "record": "Record a live bus, replayably, until told to stop.",
    "relock": "Close the lock of the charge port of a car that can be told to.",
    "replay": "Play a recording in the terminal's full screen.",
    "report": "The hand-over: one page of HTML or PDF for a customer or the breakdown service.",
    "scan": "Hundreds of recordings at once, into tables of recordings, attempts and findings.",
    "serve": "The screens in a browser, to look at: a recording, a live bus, cases.",
    "simulate": "A virtual car on a bus: it sends, answers diagnostics, and obeys keys.",
    "status": "What the charge port of a live bus does right now, once.",
    "timeline": "Every change of every charge-port signal.",
    "unlock": "Open the lock of the charge port of a car that can be told to.",
    "vehicles": "The cars evdiag knows: list, show, check, new.",
}
"""Name and one line of help for every command; each lives in the module of its name, those that
are given to the car in `act`."""


class _LazyGroup(CommandGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command
        if name in GIVEN_TO_THE_CAR:
            command = import_module("evdiag.cli.act").command_of(name)
        else:
            command = import_module(f"evdiag.cli.{name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Caught here, before click makes an exit code of it that means "a fault was found".
            return _without_reader()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="evdiag")
@click.pass_context
def evdiag(context: click.Context) -> int:
    """Why is the charging cable stuck?

    evdiag reads an electric car's CAN bus, live or from a recording, and says what the lock of
    the charge port did, when, and who asked for it. Without a command, on a terminal, it asks what
    to begin with.
    """
    if context.invoked_subcommand is not None:
        return 0
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        click.echo(context.get_help())
        return 0
    from evdiag.cli.start import start

    return start()


def main() -> None:
    """Run the command line; every expected failure ends in one sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name or a sign that this terminal's encoding lacks is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    if _has_no_reader(sys.stderr):
        # Nobody hears what is said beside an answer; the answer is given all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    try:
        code = evdiag.main(prog_name="evdiag", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = _without_reader()
    except OSError as error:
        # A full disk, mostly, and mostly where the answer goes: what is read has its own sentences.
        _abandon_stdout()
        where = "reading or writing" if error.filename is None else plain_text(str(error.filename))
        _complain(f"evdiag: {where} failed: {error.strerror or error}")
        code = BadInputError.exit_code
    except EvdiagError as error:
        _complain(f"evdiag: {error}")
        if isinstance(error, BusError):
            from evdiag.log_file import has_written, log_path

            if has_written():
                _complain(f"evdiag: what the driver said is in {log_path()}")
        code = error.exit_code
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def _complain(sentence: str) -> None:
    """Say something on stderr; where that is full or gone there is nobody to tell."""
    with suppress(OSError):
        click.echo(sentence, err=True)


def _without_reader() -> int:
    """Return the exit code where somebody went away who read what is printed.

    Of the answer (`| head`) nobody wants more. Of what is said beside it somebody may miss some.
    """
    wanted_no_more = _has_no_reader(sys.stdout) is not False
    _abandon_stdout()
    return 0 if wanted_no_more else BadInputError.exit_code


def _has_no_reader(stream: Any) -> bool | None:
    """Tell whether a stream is a pipe without a reader; None where that cannot be told."""
    import select

    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)
        return any(event & select.POLLERR for _, event in poll.poll(0))
    except (AttributeError, OSError, ValueError):
        # Windows has no poll; a test's stream has no number.
        return None


def _abandon_stdout() -> None:
    """Let what is still unwritten go nowhere, so that Python's own end does not stumble over it."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
