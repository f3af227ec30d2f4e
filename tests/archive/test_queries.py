"""The queries of docs/archive.md, run as they stand there: three ways to ask, one answer."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from evdiag.archive.making import make
from evdiag.packaged import shipped_folder

PAGE = Path(__file__).parent.parent.parent / "docs" / "archive.md"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the documents are not installed")


def _queries() -> dict[str, list[tuple[str, str]]]:
    """Return the blocks of code of each query, by its heading."""
    if not PAGE.is_file():
        return {}
    sections = PAGE.read_text(encoding="utf-8").partition("## Three queries")[2].split("\n### ")
    return {
        section.partition("\n")[0]: re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)
        for section in sections[1:]
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workshop")
    for path in sorted(shipped_folder("recordings").glob("*.log")):
        make(str(path), folder / "archive")
    return folder


def _answer(language: str, code: str) -> list[list[Any]]:
    """Return rows, numbers to nine digits: each computes with fractions in its own way."""
    rows = duckdb.sql(code).fetchall() if language == "sql" else _rows(code)
    return [
        [round(float(cell), 9) if isinstance(cell, (float, Decimal)) else cell for cell in row]
        for row in rows
    ]


def _rows(code: str) -> list[tuple[Any, ...]]:
    names: dict[str, Any] = {}
    exec(code, names)
    frame = names["answer"]
    polars = hasattr(frame, "rows")
    return list(frame.rows() if polars else frame.itertuples(index=False, name=None))


@pytest.mark.parametrize("heading", _queries())
def test_three_ways_give_one_answer(
    heading: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    blocks = _queries()[heading]
    assert [language for language, _ in blocks] == ["sql", "python", "python"]
    answers = [_answer(language, code) for language, code in blocks]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) > 3


def test_there_are_three() -> None:
    assert len(_queries()) == 3
