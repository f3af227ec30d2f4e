"""A page for each command: its options as click knows them, and prose kept beside this module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from evdiag.cli import COMMANDS, evdiag
from making.exit_codes import CODES, EXIT_CODES
from making.markdown import code, table

PROSE = Path(__file__).parent / "commands"
OVERVIEW = "../commands.md"


def click_commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command and sub-command by its full name, ``evdiag`` left out; groups too."""
    context = click.Context(evdiag)
    for name in COMMANDS:
        command = evdiag.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            inner = click.Context(command)
            for child in command.list_commands(inner):
                found = command.get_command(inner, child)
                assert found is not None
                yield f"{name} {child}", found


def command_pages() -> dict[str, list[str]]:
    """Return the lines of each command's page by its path."""
    everything = dict(click_commands())
    pages = {}
    for name in COMMANDS:
        inner = {key: each for key, each in everything.items() if key.startswith(f"{name} ")}
        pages[f"commands/{name}.md"] = list(_page(name, everything[name], inner))
    return pages


def _page(name: str, command: click.Command, inner: dict[str, click.Command]) -> Iterator[str]:
    yield f"# evdiag {name}\n"
    yield f"{COMMANDS[name]} All commands: [overview]({OVERVIEW}).\n"
    if inner:
        yield from _said(command)
        for child, each in inner.items():
            yield f"## evdiag {child}\n"
            yield from _described(child, each)
    else:
        yield from _described(name, command)
    prose = PROSE / f"{name}.md"
    if prose.exists():
        yield prose.read_text(encoding="utf-8").rstrip() + "\n"
    yield "## Exit codes\n"
    codes = EXIT_CODES.get(name, {})
    yield from table(
        ("code", "means"), ((code(each), codes.get(each, said)) for each, said in _codes(name))
    )


def _codes(name: str) -> Iterator[tuple[int, str]]:
    known = EXIT_CODES.get(name, {})
    for each, said in CODES.items():
        if each in known or each in (0, 2, 130):
            yield each, said


def _described(name: str, command: click.Command) -> Iterator[str]:
    yield from _said(command)
    context = click.Context(command, info_name=f"evdiag {name}")
    yield f"```text\n{' '.join(command.get_usage(context).split()).removeprefix('Usage: ')}\n```\n"
    options = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    yield from table(
        ("option", "takes", "does"),
        (
            _option(each, context)
            for each in options
            if not each.hidden and "--help" not in each.opts
        ),
    )
    yield ""


def _said(command: click.Command) -> Iterator[str]:
    """Yield the paragraphs of a command's own help."""
    for paragraph in (command.help or "").replace("\b", "").strip().split("\n\n"):
        yield " ".join(paragraph.split()) + "\n"


def _option(option: click.Option, context: click.Context) -> tuple[str, str, str]:
    names = ", ".join(code(name) for name in option.opts)
    if option.secondary_opts:
        names += " or " + ", ".join(code(name) for name in option.secondary_opts)
    takes = "" if option.is_flag or option.count else option.make_metavar(context)
    several = ", several times" if takes and option.multiple else ""
    does = [option.help or ""]
    if isinstance(option.show_default, str):
        does.append(f"Default: {option.show_default}.")
    elif option.show_default:
        does.append(f"Default: {code(option.get_default(context))}.")
    if option.required:
        does.append("Must be given.")
    if isinstance(option.type, click.Choice):
        # A stroke in a table is one to Markdown, however it is written.
        takes = ", ".join(code(str(choice)) for choice in option.type.choices if choice)
    elif takes:
        takes = code(takes)
    return names, takes + several, " ".join(filter(None, does))
