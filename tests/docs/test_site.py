"""The site is built without a warning, and loads nothing from anywhere else."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving.served import browser, needs_chromium

ROOT = Path(__file__).parent.parent.parent

pytestmark = [
    pytest.mark.skipif(not (ROOT / "mkdocs.yml").exists(), reason="the documents are not there"),
    pytest.mark.skipif(importlib.util.find_spec("material") is None, reason="needs evdiag[docs]"),
]


def _built(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_site_is_built_and_needs_nobody_else(tmp_path: Path) -> None:
    ran = _built(ROOT, tmp_path)
    assert ran.returncode == 0, ran.stderr
    for page in tmp_path.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe)[^>]*\bsrc=\"?([^\"> ]+)", text)
        loaded += re.findall(r"<link[^>]*\bhref=\"?([^\"> ]+)", text)
        assert [each for each in loaded if each.startswith(("http", "//"))] == [], page
    assert "stuck-now.html" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert not list(tmp_path.rglob("*.py"))


@needs_chromium
def test_the_search_works_from_a_folder_without_a_network(tmp_path: Path) -> None:
    assert _built(ROOT, tmp_path).returncode == 0
    with browser() as chromium:
        page = chromium.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "commands" / "unlock.html").as_uri())
        page.click("input[name=query]")
        page.keyboard.type("relocks_before_pull")
        page.wait_for_selector(".md-search-result__link[href*='faults.html']", state="attached")
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize(
    ("link", "leads_somewhere"),
    [
        ("[x](words.md#lock)", True),
        ("[x](words.md#no-such-word)", False),
        ("[x](no-such-page.md)", False),
        ("[x](/words.md)", False),
    ],
)
def test_a_link_that_leads_nowhere_fails(link: str, leads_somewhere: bool, tmp_path: Path) -> None:
    docs = tmp_path / "root" / "docs"
    docs.mkdir(parents=True)
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0]
    (docs.parent / "mkdocs.yml").write_text(config + "\n", encoding="utf-8")
    (docs / "words.md").write_text("# Words\n\n## Lock\n", encoding="utf-8")
    (docs / "index.md").write_text(f"# Home\n\n{link}\n", encoding="utf-8")
    ran = _built(docs.parent, tmp_path / "site")
    assert (ran.returncode == 0) is leads_somewhere, ran.stderr


def test_a_page_that_nothing_leads_to_fails(tmp_path: Path) -> None:
    docs = tmp_path / "root" / "docs"
    docs.mkdir(parents=True)
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0]
    (docs.parent / "mkdocs.yml").write_text(f"{config}\nnav: [index.md]\n", encoding="utf-8")
    (docs / "index.md").write_text("# Home\n", encoding="utf-8")
    (docs / "left-out.md").write_text("# Left out\n", encoding="utf-8")
    ran = _built(docs.parent, tmp_path / "site")
    assert ran.returncode != 0
    assert "left-out.md" in ran.stderr
