"""``evdiag dbc``: forms, exit codes, several files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from evdiag.cli import evdiag

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """VERSION ""
BS_:
BU_: Car
BO_ 948 Lim: 8 Car
 SG_ CP_Lock : 0|2@1+ (1,0) [0|3] "" Car
"""
BAD = GOOD + ' SG_ Over : 1|4@1+ (1,0) [0|3] "" Car\n SG_ \x1b[31mRed : no\n'


def run(*arguments: object) -> Result:
    return CliRunner().invoke(evdiag, ["dbc", *map(str, arguments)], standalone_mode=False)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.dbc"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.dbc"
    path.write_text(BAD, encoding="utf-8")
    return path


def test_jsonl_is_a_summary_and_an_object_a_problem(bad: Path) -> None:
    result = run(bad, "--format", "jsonl")
    summary, *problems = map(json.loads, result.stdout.splitlines())
    assert summary == {
        "file": str(bad), "messages": 1, "signals": 3, "problems": 3, "usable_signals": 2,
    }  # fmt: skip
    assert all(
        list(problem) == ["kind", "file", "line", "message", "signal", "problem", "consequence"]
        for problem in problems
    )
    assert {(problem["kind"], problem["line"]) for problem in problems} >= {
        ("overlap", 6), ("lost", 7),
    }  # fmt: skip
    assert result.return_value == 0


def test_csv_lists_the_problems(bad: Path) -> None:
    lines = run(bad, "--format", "csv").stdout.splitlines()
    assert lines[0] == "kind,file,line,message,signal,problem,consequence"
    assert len(lines) == 4


def test_people_get_counts_lines_and_the_charge_port(bad: Path) -> None:
    text = run(bad).stdout
    assert "3, of which 2 usable" in text
    assert "line 6: Lim.Over: it overlaps CP_Lock; both are decoded" in text
    assert "\n    Lim.CP_Lock\n" in text
    assert "\x1b" not in text


def test_a_bad_file_does_not_stop_the_rest(good: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "empty.dbc"
    nothing.write_bytes(b"")
    result = run(nothing, good, "--format", "jsonl")
    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == [str(good)]
    assert "empty.dbc is empty" in result.stderr
    assert result.return_value == 2


def test_a_file_of_which_nothing_loads_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "never.dbc"
    path.write_text("BO_ 1073741824 Never: 8 Car\n", encoding="utf-8")
    assert run(path).return_value == 2


def test_a_file_without_messages_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "nodes.dbc"
    path.write_text('VERSION ""\nBU_: Car\n', encoding="utf-8")
    assert run(path).return_value == 0
