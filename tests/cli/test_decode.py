"""``evdiag decode``: the rows, which signals, which database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cantools
import pytest
from click.testing import CliRunner, Result

from evdiag.cli import evdiag
from evdiag.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path

DBC = """VERSION ""
BS_:
BU_: Car
BO_ 948 Lim: 8 Car
 SG_ Lock : 0|2@1+ (1,0) [0|3] "" Car
 SG_ Current : 8|8@1- (0.1,-1) [0|0] "A" Car
 SG_ Page M : 16|8@1+ (1,0) [0|0] "" Car
 SG_ Depth m1 : 24|8@1+ (1,0) [0|0] "" Car
BO_ 2566844672 Long: 8 Car
 SG_ Share : 0|32@1- (1,0) [0|0] "" Car
VAL_ 948 Lock 0 "Open" 1 "Shut" ;
SIG_VALTYPE_ 2566844672 Share : 1;
"""
LOG = """(1000.000001) can0 3B4#0103010700000000
(1000.100000) can0 18FEF100#0000C07F00000000
(1000.200000) can1 3B4#0003
(1000.300000) can0 3B4#R
(1000.400000) can0 100#00
(1000.500000) can0 3B4#0103020700000000
"""


@pytest.fixture
def dbc(tmp_path: Path) -> Path:
    path = tmp_path / "car.dbc"
    path.write_text(DBC, encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "car.log"
    path.write_text(LOG, encoding="utf-8")
    return path


def run(*arguments: object, given: str | None = None) -> Result:
    return CliRunner().invoke(
        evdiag, ["decode", *map(str, arguments)], standalone_mode=False, input=given
    )


def rows(*arguments: object) -> list[dict[str, Any]]:
    result = run(*arguments, "--format", "jsonl")
    assert result.return_value == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_object_a_signal_a_frame(log: Path, dbc: Path) -> None:
    found = rows(log, "--dbc", dbc)
    assert [(row["time_ns"], row["signal"], row["raw"], row["value"]) for row in found] == [
        (1000_000001000, "Lock", 1, "Shut"),
        (1000_000001000, "Current", 3, 3 * 0.1 - 1),
        (1000_000001000, "Page", 1, 1),
        (1000_000001000, "Depth", 7, 7),
        (1000_100000000, "Share", None, None),
        (1000_200000000, "Lock", 0, "Open"),
        (1000_200000000, "Current", 3, 3 * 0.1 - 1),
        (1000_500000000, "Lock", 1, "Shut"),
        (1000_500000000, "Current", 3, 3 * 0.1 - 1),
        (1000_500000000, "Page", 2, 2),
    ]
    assert found[0] == {
        "recording": str(log), "time_ns": 1000_000001000, "channel": "can0", "id": "0x3B4",
        "message": "Lim", "signal": "Lock", "raw": 1, "value": "Shut",
    }  # fmt: skip
    assert found[4]["id"] == "0x18FEF100"


def test_values_are_those_of_cantools(log: Path, dbc: Path) -> None:
    oracle = cantools.database.load_file(dbc)
    expected = oracle.decode_message(948, bytes.fromhex("0103010700000000"))
    found = {row["signal"]: row["value"] for row in rows(log, "--dbc", dbc)[:4]}
    assert found == {
        name: v if isinstance(v, (int, float)) else str(v) for name, v in expected.items()
    }


def test_only_changes_of_each_channel(log: Path, dbc: Path) -> None:
    found = rows(log, "--dbc", dbc, "--changes", "--signal", "Lock", "--signal", "Lim.Page")
    assert [(row["channel"], row["signal"], row["raw"]) for row in found] == [
        ("can0", "Lock", 1), ("can0", "Page", 1), ("can1", "Lock", 0), ("can0", "Page", 2),
    ]  # fmt: skip


def test_standard_input_is_candump_text(dbc: Path) -> None:
    result = run("-", "--dbc", dbc, "--signal", "Lock", "--format", "jsonl", given=LOG)
    assert [json.loads(line)["value"] for line in result.stdout.splitlines()] == [
        "Shut", "Open", "Shut",
    ]  # fmt: skip


def test_of_several_databases_the_first_that_knows_the_id_decodes_it(
    log: Path, dbc: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.dbc"
    other.write_text(
        'BO_ 948 Mine: 8 Car\n SG_ Byte : 0|8@1+ (1,0) [0|0] "" Car\n', encoding="utf-8"
    )
    found = rows(log, "--dbc", other, "--dbc", dbc)
    assert {(row["id"], row["message"]) for row in found} == {
        ("0x3B4", "Mine"), ("0x18FEF100", "Long"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["lock", "Lim.lok", "Lokc"])
def test_an_unknown_signal_is_refused_with_the_nearest_names(
    log: Path, dbc: Path, name: str
) -> None:
    result = run(log, "--dbc", dbc, "--signal", name)
    assert isinstance(result.exception, BadInputError)
    assert f"no DBC has a signal {name}: the nearest are" in str(result.exception)
    assert "Lock" in str(result.exception)


def test_csv_and_table(log: Path, dbc: Path) -> None:
    lines = run(log, "--dbc", dbc, "--format", "csv").stdout.splitlines()
    assert lines[0] == "recording,time_ns,channel,id,message,signal,raw,value"
    assert lines[1].endswith(",can0,0x3B4,Lim,Lock,1,Shut")
    assert "Lim.Lock = Shut" in run(log, "--dbc", dbc).stdout


def test_lost_signals_are_said(log: Path, dbc: Path) -> None:
    dbc.write_text(DBC.replace("BO_ 2566844672", " SG_ No : no\nBO_ 2566844672"), encoding="utf-8")
    assert "1 messages and signals are not loaded" in run(log, "--dbc", dbc).stderr


def test_a_recording_without_any_of_the_signals_is_said(dbc: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.log"
    path.write_text("(1.000000) can0 100#00\n", encoding="utf-8")
    result = run(path, "--dbc", dbc)
    assert "no frame carries any of the signals" in result.stderr
    assert result.return_value == 0
