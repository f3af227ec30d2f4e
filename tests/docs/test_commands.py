"""Options, variables and exit codes: those of the pages are those of the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from evdiag.cli import COMMANDS, evdiag
from evdiag.cli.command_record import EXIT_CODE
from evdiag.cli.options import WORST_FIRST
from evdiag.errors import EvdiagError

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documents are not installed")

OF_OTHER_PROGRAMS = {
    "--nthreads",
    "--nworkers",  # dask
}


def _commands() -> dict[str, click.Command]:
    """Return every command and sub-command by its full name."""
    context, found = click.Context(evdiag), {}
    for name in COMMANDS:
        command = evdiag.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            for child in command.list_commands(click.Context(command)):
                inner = command.get_command(click.Context(command), child)
                assert inner is not None
                found[f"{name} {child}"] = inner
    return found


def _options(command: click.Command) -> set[str]:
    return {
        name
        for parameter in command.get_params(click.Context(command))
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("-")
    }


def _pages() -> Iterator[Path]:
    for page in (*DOCS.rglob("*.md"), ROOT / "README.md"):
        if "making" not in page.parts and "decisions" not in page.parts:
            yield page


@pytest.mark.parametrize("name", _commands())
def test_every_option_stands_on_its_commands_page(name: str) -> None:
    page = (DOCS / "commands" / f"{name.split()[0]}.md").read_text(encoding="utf-8")
    part = page.partition(f"## evdiag {name}\n")[2].partition("\n## ")[0] or page
    said = set(re.findall(r"`(--?[a-z][a-z-]*)`", part))
    assert _options(_commands()[name]) - {"-h", "--help"} - said == set()


def test_no_page_names_an_option_that_does_not_exist() -> None:
    known = {option for command in _commands().values() for option in _options(command)}
    known |= _options(evdiag) | OF_OTHER_PROGRAMS
    for page in _pages():
        text = page.read_text(encoding="utf-8")
        spans = re.findall(r"`([^`\n]+)`", text)
        for span in spans:
            if re.match(r"(evdiag |-)", span) and "pip " not in span:
                said = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", span))
                assert said - known == set(), page


def test_every_command_line_in_a_page_is_one() -> None:
    commands = _commands()
    seen = 0
    for page in _pages():
        for words in _command_lines(page.read_text(encoding="utf-8")):
            seen += 1
            name = words[0]
            assert name in commands, (page, words)
            if isinstance(commands[name], click.Group) and len(words) > 1:
                name = f"{name} {words[1]}"
                assert name in commands, (page, words)
            said = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
            assert said - _options(commands[name]) == set(), (page, words)
    assert seen > 100


def _command_lines(text: str) -> Iterator[list[str]]:
    """Yield the words after ``evdiag`` of each command line in a block of code."""
    for block in re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            bare = line.split(" #")[0]
            for command in re.findall(r"(?:^|\$ |&& |\| )evdiag ([a-z][^|&>;]*)", bare):
                yield command.replace("'", " ").replace('"', " ").split()


def test_every_variable_of_ours_is_described() -> None:
    page = (DOCS / "reference" / "environment.md").read_text(encoding="utf-8")
    in_code: set[str] = set()
    for file in (ROOT / "evdiag").rglob("*.py"):
        in_code |= set(re.findall(r"EVDIAG_[A-Z]+", file.read_text(encoding="utf-8")))
        in_code |= set(_looked_up(ast.parse(file.read_text(encoding="utf-8"))))
    assert {name for name in in_code if f"`{name}`" not in page} == set()
    of_tests = {"EVDIAG_CORPUS", "EVDIAG_COMPLETE"}
    assert set(re.findall(r"EVDIAG_[A-Z]+", page)) - in_code - of_tests == set()


def _looked_up(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module takes from ``os.environ`` by name."""
    for node in ast.walk(tree):
        asked = None
        if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute):
            if ast.unparse(node.func) in ("os.environ.get", "os.environ.pop", "os.getenv"):
                asked = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            asked = node.slice
        if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
            yield asked.value


def test_every_exit_code_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    from making.exit_codes import CODES, EXIT_CODES

    assert sorted(CODES) == sorted(WORST_FIRST)
    assert {each.exit_code for each in EvdiagError.__subclasses__()} <= set(CODES)
    for command, codes in EXIT_CODES.items():
        assert command in COMMANDS
        assert set(codes) <= set(CODES)
    assert set(EXIT_CODE.values()) <= set(EXIT_CODES["unlock"])


def test_themes_are_those_that_there_are() -> None:
    from evdiag.tui.themes import THEMES

    page = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| `[tui]` | `theme` |"))
    assert set(re.findall(r"`([a-z-]+)`", row)) == {"theme", *THEMES}


def test_every_usual_interface_has_a_page() -> None:
    from evdiag.bus.settings import _LISTED

    table = (DOCS / "adapters" / "interfaces.md").read_text(encoding="utf-8")
    for interface in (*_LISTED, "socketcand"):
        assert re.search(rf"^\| \[`{interface}`\]", table, re.MULTILINE), interface


@pytest.mark.parametrize("system", ["Linux", "macOS", "Windows"])
def test_every_adapter_is_described_on_every_system(system: str) -> None:
    for page in (DOCS / "adapters").glob("*.md"):
        if page.stem not in ("README", "interfaces", "elm327"):
            text = page.read_text(encoding="utf-8")
            assert re.search(rf"^###? {system}$", text, re.MULTILINE), page.name
