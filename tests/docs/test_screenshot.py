"""The picture on the first page can be drawn again, and shows what it should."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "make_screenshot.py"


@pytest.mark.skipif(not SCRIPT.exists(), reason="the documents are not there")
async def test_it_shows_an_open_lock_and_every_view(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_screenshot", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    await script.write(tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    for words in ("PULL NOW", "6 Guide", "locks again in"):
        assert words in drawn
