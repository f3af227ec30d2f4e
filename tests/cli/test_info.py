"""``evdiag info``: the record's form, every anomaly in words, one bad file stops no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from evdiag.cli.info import command

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
CONTRACT = [
    "recording", "format", "frames", "duration_s", "channels", "ids", "error_frames",
    "remote_frames", "lost_frames", "time_anomalies", "skipped_lines", "first_ns", "last_ns",
]  # fmt: skip


def _run(*arguments: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(
        command, [str(argument) for argument in arguments], input=given, standalone_mode=False
    )


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "capture.csv"
    path.write_text(
        HEADER
        + "1000,000003B4,false,Rx,0,2,AA,BB,\n"
        + "500,000003B4,false,Rx,0,2,AA,BB,\n"
        + "2000,1FFFFFFF,true,Rx,0,0,\n"
        + "rubbish\n"
        + "1001000,00000112,false,Rx,1,1,00,\n"
    )
    return path


def test_record_has_the_keys_of_the_contract_in_their_order(capture: Path) -> None:
    record = json.loads(_run(capture, "--format", "jsonl").stdout)
    assert list(record)[: len(CONTRACT)] == CONTRACT
    assert {key: record[key] for key in CONTRACT} == {
        "recording": str(capture),
        "format": "gvret-csv",
        "frames": 3,
        "duration_s": 1.0005,
        "channels": [0, 1],
        "ids": 2,
        "error_frames": 0,
        "remote_frames": 0,
        "lost_frames": 1,
        "time_anomalies": 1,
        "skipped_lines": 1,
        "first_ns": 1_000_000,
        "last_ns": 1_001_000_000,
    }
    assert [found["kind"] for found in record["anomalies"]] == [
        "backward_steps",
        "lost_frames",
        "skipped_lines",
    ]


def test_table_says_every_anomaly_in_words(capture: Path) -> None:
    text = _run(capture).stdout
    for words in ("3 of 2 ids", "lie up to 1 s before", "lost frames", "skipped", "first at"):
        assert words in text


def test_nothing_known_is_null(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text(HEADER)
    record = json.loads(_run(tmp_path / "empty.csv", "--format", "jsonl").stdout)
    assert (record["frames"], record["channels"]) == (0, [])
    assert record["duration_s"] is record["first_ns"] is record["last_ns"] is None


def test_one_bad_file_stops_no_other(capture: Path, tmp_path: Path) -> None:
    (tmp_path / "prose").write_text("Dear diary\n")
    result = _run(tmp_path / "prose", tmp_path / "absent", capture, "--format", "jsonl")
    assert result.return_value == 2
    assert [json.loads(line)["recording"] for line in result.stdout.splitlines()] == [str(capture)]
    assert len(result.stderr.splitlines()) == 2


def test_csv_has_the_same_columns(capture: Path) -> None:
    head, row = _run(capture, "--format", "csv").stdout.splitlines()
    assert head.split(",")[: len(CONTRACT)] == CONTRACT
    assert row.startswith(f"{capture},gvret-csv,3,1.0005,")


def test_standard_input() -> None:
    record = json.loads(_run("-", "--format", "jsonl", given="(1.0) can0 3B4#00\n").stdout)
    assert (record["recording"], record["format"], record["channels"]) == ("-", "candump", ["can0"])


def test_escapes_in_names_never_reach_the_terminal(tmp_path: Path) -> None:
    evil = tmp_path / "a\x1b[2Jb.log"
    evil.write_text("(1.0) c\x1b[31m 3B4#00\n")
    assert "\x1b" not in _run(evil).stdout


def test_time_unit_overrules(capture: Path) -> None:
    record = json.loads(_run(capture, "--format", "jsonl", "--time-unit", "ms").stdout)
    assert record["first_ns"] == 1_000_000_000
    assert record["time_unit"] == "ms"
