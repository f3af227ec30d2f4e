"""What the documents say is what the program does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from evdiag.cli import COMMANDS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documents are not installed")


def test_the_pages_are_what_the_program_says() -> None:
    spec = importlib.util.spec_from_file_location("pages", DOCS / "make_pages.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    for name, text in maker.pages().items():
        page = DOCS / name
        assert page.read_text(encoding="utf-8") == text, "run docs/make_pages.py"


def test_readme_holds_exactly_two_set_up_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^python3 .*$", text, re.MULTILINE) == [
        "python3 -m pip install . && evdiag replay relock-before-pull",
        'python3 -m pip install ".[test]" && python3 -m pytest',
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_described(command: str) -> None:
    assert f"`{command} " in (DOCS / "commands.md").read_text(encoding="utf-8")


def test_every_format_is_named() -> None:
    from evdiag.recordings.formats import BINARY_FORMATS, text_formats

    names = {form.name for form in (*text_formats(), *BINARY_FORMATS.values())}
    page = (DOCS / "recordings.md").read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in (*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), (page, target)
