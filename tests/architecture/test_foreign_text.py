"""No screen can read a name from a file as markup: nothing there reads markup at all.

Everything is drawn from pieces of plain text (`evdiag.tui.lines`). What Textual itself offers for
text is forbidden here, but for the one call that says something in passing, with markup off.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import evdiag.tui

ROOM = Path(evdiag.tui.__file__).parent
MODULES = sorted(ROOM.glob("*.py"))

MARKUP_WIDGETS = {
    "Static", "Label", "Markdown", "RichLog", "Log", "Button", "DataTable", "OptionList", "Tree",
    "Header", "Footer", "Collapsible", "TabPane",
}  # fmt: skip
MARKUP_CALLS = {"from_markup", "render_markup", "to_content", "escape"}
MARKUP_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "sub_title", "markup"}


def offences(source: str) -> Iterator[str]:
    """Yield what a module does that could read text as markup."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            if name in MARKUP_WIDGETS:
                yield f"line {node.lineno}: {name} reads markup"
            if name in MARKUP_CALLS:
                yield f"line {node.lineno}: {name}() makes markup"
            if name == "notify" and not _is_false(keywords.get("markup")):
                yield f"line {node.lineno}: notify() without markup=False"
            if "markup" in keywords and not _is_false(keywords["markup"]):
                yield f"line {node.lineno}: markup is switched on"
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr in MARKUP_ATTRIBUTES:
                yield f"line {node.lineno}: {target.attr} reads markup"
        if isinstance(node, ast.FunctionDef) and node.name == "render":
            yield f"line {node.lineno}: render() returns what may be markup; draw lines"


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_false(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_no_screen_reads_markup(module: Path) -> None:
    assert list(offences(module.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        'Static(f"{name}")',
        "Static(name)",
        "Content.from_markup(name)",
        "self.notify(name)",
        "self.notify(name, markup=True)",
        "pane.border_title = name",
        "def render(self): return name",
        "table = DataTable()",
    ],
)
def test_the_rule_finds_what_it_forbids(source: str) -> None:
    assert list(offences(source))
