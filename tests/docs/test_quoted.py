"""What the pages quote is what the commands say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.docs.quoted import Command, read_page, run_page, untrue

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documents are not installed")

PAGES = sorted(
    page.relative_to(DOCS).as_posix()
    for page in DOCS.rglob("*.md")
    if "making" not in page.parts and "<!-- run" in page.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_quotes_is_what_its_commands_say(name: str, tmp_path: Path) -> None:
    page = read_page((DOCS / name).read_text(encoding="utf-8"))
    if "report" in page.needs and importlib.util.find_spec("matplotlib") is None:
        pytest.skip("the extra `report` is not installed")
    (tmp_path / "dbc").symlink_to(ROOT / "dbc")
    (tmp_path / "checkout").symlink_to(ROOT)
    said = run_page(page, tmp_path, ROOT)
    assert len(said) == len(page.commands)
    for command, answer in zip(page.commands, said, strict=True):
        assert untrue(command, answer) is None


def test_the_tutorial_is_run() -> None:
    assert "tutorial.md" in PAGES
    assert "add-a-car.md" in PAGES


@pytest.mark.parametrize(
    ("quoted", "said", "true"),
    [
        (["a", "b"], "a\nb", True),
        (["a"], "a\nb", False),
        (["a", "…"], "a\nb", True),
        (["…", "b"], "a\nb", True),
        (["…", "a"], "a\nb", False),
        (["…", "b", "…", "c", "…"], "a\nb\nx\nc\nd", True),
        (["…", "c", "…", "b", "…"], "a\nb\nx\nc\nd", False),
        (["…", "a", "c", "…"], "a\nb\nc", False),
        ([], "", True),
        ([], "a", False),
    ],
)
def test_dots_stand_for_any_lines_and_nothing_else(
    quoted: list[str], said: str, true: bool
) -> None:
    assert (untrue(Command("x", quoted), said) is None) is true
