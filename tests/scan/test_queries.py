"""The queries of docs/scan.md, run as they stand there, over a scan of the shipped recordings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from evdiag.packaged import shipped_folder
from tests.scan.workshop import scan

PAGE = Path(__file__).parent.parent.parent / "docs" / "scan.md"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the documents are not installed")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[list[tuple[Any, ...]]]:
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "empty.log").touch()
    (folder / "stranger.log").write_text("(1760000000.000000) can0 7A0#0102\n" * 50)
    scan(shipped_folder("recordings"), folder, "--to", folder / "scan")
    queries = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return [duckdb.sql(query).fetchall() for query in queries]


def test_how_requests_end(answers: list[list[tuple[Any, ...]]]) -> None:
    assert sum(row[3] for row in answers[0]) == 16
    assert ("reference", "fob", "released") in [row[:3] for row in answers[0]]


def test_where_faults_show(answers: list[list[tuple[Any, ...]]]) -> None:
    found = {file: fault for fault, _, file, _ in answers[1]}
    assert found["actuator-stalls.log"] == "actuator_stalls"
    assert "healthy-ac.log" not in found
    assert len(answers[1]) == 8


def test_what_has_to_be_looked_at(answers: list[list[tuple[Any, ...]]]) -> None:
    assert [Path(path).name for path, _ in answers[2]] == ["empty.log", "stranger.log"]


def test_there_are_three(answers: list[list[tuple[Any, ...]]]) -> None:
    assert len(answers) == 3
