"""The pages that the program writes are what it says now, and every page leads somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from evdiag.cli import COMMANDS

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documents are not installed")

WRITTEN_WHOLLY = ("commands", "vehicles")


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """docs/make_pages.py, where no car of the person's own is known."""
    monkeypatch.setenv("EVDIAG_CONFIG", str(tmp_path))
    monkeypatch.syspath_prepend(str(DOCS))
    spec = importlib.util.spec_from_file_location("pages", DOCS / "make_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_what_the_program_says(maker: ModuleType) -> None:
    written: dict[str, str] = maker.pages()
    for name, text in written.items():
        page = DOCS / name
        assert page.exists(), f"{name}: run docs/make_pages.py"
        assert page.read_text(encoding="utf-8") == text, f"{name}: run docs/make_pages.py"
    for folder in WRITTEN_WHOLLY:
        there = {f"{folder}/{page.name}" for page in (DOCS / folder).glob("*.md")}
        assert there - set(written) == set(), "nothing writes this page any more: delete it"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_line_and_a_page_with_an_example(command: str) -> None:
    overview = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert f"`{command} " in overview
    assert f"](commands/{command}.md)" in overview
    page = (DOCS / "commands" / f"{command}.md").read_text(encoding="utf-8")
    assert "\n## Example\n" in page
    assert f"evdiag {command}" in page.split("\n## Example\n")[1]


def test_prose_is_kept_for_commands_that_exist() -> None:
    kept = {page.stem for page in (DOCS / "making" / "commands").glob("*.md")}
    assert kept - set(COMMANDS) == set()


def test_readme_holds_exactly_two_set_up_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^python3 .*$", text, re.MULTILINE) == [
        "python3 -m pip install . && evdiag replay relock-before-pull",
        'python3 -m pip install ".[test]" && python3 -m pytest',
    ]


def test_every_format_is_named() -> None:
    from evdiag.recordings.formats import BINARY_FORMATS, text_formats

    names = {form.name for form in (*text_formats(), *BINARY_FORMATS.values())}
    page = (DOCS / "recordings.md").read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_link_between_documents_leads_somewhere() -> None:
    pages = (*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md")
    for page in pages:
        if "making" in page.parts:
            continue
        text = _outside_of_code(page.read_text(encoding="utf-8"))
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", text):
            if target.startswith("http"):
                continue
            there = page if not target else page.parent / target
            assert there.exists(), (page, target)
            assert not anchor or anchor in _anchors(there), (page, target, anchor)


def test_a_stuck_cable_is_one_click_from_the_first_page() -> None:
    for first in (ROOT / "README.md", DOCS / "index.md"):
        assert "stuck-now.md)" in first.read_text(encoding="utf-8")


def _outside_of_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MkDocs make them."""
    titles = re.findall(r"^#+ (.+)$", _outside_of_code(page.read_text(encoding="utf-8")), re.M)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title) for title in titles)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", each).strip().lower()) for each in plain}
