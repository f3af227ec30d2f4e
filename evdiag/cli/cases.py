"""``evdiag cases``: the case book. Each command lives in the module that `COMMANDS` names."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from evdiag.cli.groups import CommandGroup

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "list": ("cases_read", "The cases, the newest first; those that are open, unless with --all."),
    "show": ("cases_read", "All of one case."),
    "new": ("cases_write", "Open a case for a car."),
    "add": ("cases_write", "Add recordings, notes, steps, parts, photos, codes to a case."),
    "edit": ("cases_edit", "Put right what is written of a case, or open it again."),
    "remove": ("cases_remove", "Take out of a case what was put into it by mistake."),
    "close": ("cases_write", "Close a case with what it came to."),
    "trend": ("cases_trend", "What changes over the months: of a car, or of all of them."),
    "export": ("cases_data", "Write all of the book as JSON."),
    "import": ("cases_data", "Put what was exported into this book."),
    "backup": ("cases_data", "Write a copy of the book, while others go on using it."),
    "forget": ("cases_forget", "Delete all that is known of a customer, a car or a case."),
}
"""Name, module and one line of help; in the module the command is called ``NAME_command``."""


class _CasesGroup(CommandGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = import_module(f"evdiag.cli.{COMMANDS[name][0]}")
        made: click.Command = getattr(module, f"{name}_command")
        return made

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])


@click.group("cases", cls=_CasesGroup)
def command() -> None:
    """The case book: vehicles, cases, their recordings, what was tried, what helped.

    It is one file in your data folder, or the PostgreSQL database that EVDIAG_CASEBOOK names. It
    needs `python3 -m pip install "evdiag[workshop]"`. Nothing is stored but by these commands and
    by --case.
    """
