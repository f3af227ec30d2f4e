"""`evdiag dtc` beside a virtual car."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from evdiag.bus.settings import BusSettings
from evdiag.cli.trouble_code_changes import changes
from tests.cli.at_a_bus import evdiag_at
from tests.cli.in_process import CommandLine
from tests.live.stories import multicast_works, own_multicast
from tests.simulator.running import car_on_a_bus

on_a_real_bus = pytest.mark.skipif(not multicast_works(), reason="no multicast on this loopback")
CHARGER = ("--vehicle", "reference", "--unit", "0x6F1/26")


@pytest.fixture
def evdiag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVDIAG_STATE", str(tmp_path / "state"))
    return CommandLine(monkeypatch, capsys)


def dtc_read(
    settings: BusSettings, *words: str, vehicle: str = "reference"
) -> subprocess.CompletedProcess[str]:
    with TemporaryDirectory() as folder:
        return evdiag_at(settings, "dtc", "read", "--vehicle", vehicle, "-o", folder, *words)


@on_a_real_bus
def test_the_codes_of_every_unit_are_read() -> None:
    with car_on_a_bus(own_multicast()) as (car, settings):
        car.do("plug_in")
        car.do("break proximity")
        said = dtc_read(settings, "--format", "jsonl")
    assert said.returncode == 0, said.stderr
    rows = {row["unit"]: row for row in map(json.loads, said.stdout.splitlines())}
    assert {unit: row["sae"] for unit, row in rows.items()} == {
        "0x7E6": None, "0x6F1/26": "P0D56-00", "0x18DA40F1": None,
    }  # fmt: skip
    found = rows["0x6F1/26"]
    assert found["meaning"] == "proximity detection circuit"
    assert "confirmed" in found["says"]
    assert "LISTEN: nothing is transmitted any more" in said.stderr


@on_a_real_bus
def test_people_read_a_table() -> None:
    with car_on_a_bus(own_multicast()) as (_, settings):
        said = dtc_read(settings)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines() == [
        "0x7E6: no trouble codes", "0x6F1/26: no trouble codes", "0x18DA40F1: no trouble codes",
    ]  # fmt: skip
    assert "ASK: evdiag transmits" in said.stderr


@on_a_real_bus
def test_a_bus_without_the_car_ends_with_4() -> None:
    said = dtc_read(own_multicast())
    assert said.returncode == 4
    assert "it does not answer" in said.stderr


@on_a_real_bus
def test_a_car_of_which_nothing_is_asked_ends_with_2() -> None:
    said = dtc_read(own_multicast(), vehicle="tesla-model3")
    assert said.returncode == 2
    assert "only listens" in said.stderr


def test_one_code_is_cleared_and_what_became_of_it_is_told(evdiag: CommandLine) -> None:
    with car_on_a_bus() as (car, bus):
        car.do("plug_in")
        car.do("break proximity")
        earlier = evdiag("dtc", "read", "--vehicle", "reference", "--format", "jsonl", bus=bus)
        Path("before.jsonl").write_text(earlier.out)
        refused = evdiag("dtc", "clear", *CHARGER, "P0D56-00", "--consent", "clear-P0D56", bus=bus)
        car.do("mend proximity")
        cleared = evdiag("dtc", "clear", *CHARGER, "p0d56-00", "--consent", "clear-p0d56-00",
                         "--format", "jsonl", bus=bus)  # fmt: skip
        later = evdiag("dtc", "read", "--vehicle", "reference", "--before", "before.jsonl", bus=bus)
        again = evdiag("dtc", "clear", *CHARGER, "0D5600", "--consent", "clear-0D5600", bus=bus)
        assert not car.touch(lambda wire: wire.authority).reasons
    assert refused.code == 3
    assert "--consent clear-P0D56-00" in refused.err
    assert cleared.code == 0, cleared.err
    record, *rows = cleared.rows
    assert (record["command"], record["outcome"], record["returned"]) == ("dtc-clear", "done", True)
    assert [(row["unit"], row["sae"], row["change"]) for row in rows if row["code"]] == [
        ("0x6F1/26", "P0D56-00", "gone")
    ]
    assert "GONE  0x6F1/26: P0D56-00" in later.out
    assert again.code == 2
    assert "its codes are: none" in again.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--unit", "0x6F1/26", "FFFFFF"), "groups are never cleared"),
        (("--unit", "0x6F1/26", "000000"), "groups are never cleared"),
        (("--unit", "0x6F1/26", "P0D56"), "no whole trouble code"),
        (("--unit", "0x6F1/26", "all\x1b[2J"), "all␛[2J is no whole trouble code"),
        (("--unit", "0x7DF", "P0D56-00"), "no control unit"),
    ],
)
def test_nothing_but_one_code_of_one_known_unit_is_cleared(
    evdiag: CommandLine, words: tuple[str, ...], says: str
) -> None:
    said = evdiag(
        "dtc", "clear", "--vehicle", "reference", *words, "--consent", f"clear-{words[2]}"
    )
    assert said.code == 2
    assert says in said.err


def row(unit: str, code: str | None, problem: str | None = None) -> dict[str, Any]:
    return {"unit": unit, "code": code, "problem": problem}


def test_of_a_unit_that_did_not_tell_no_change_is_told() -> None:
    before = [row("A", "0D5600"), row("B", "0D9600"), row("C", None, "it does not answer")]
    after = [row("A", "0D5600"), row("A", "0D9E00"), row("B", None, "silent"), row("C", "0D9700")]
    told = [(one["unit"], one["code"], one["change"]) for one in changes(before, after)]
    assert told == [
        ("A", "0D5600", "still set"),
        ("A", "0D9E00", "new"),
        ("B", None, None),
        ("C", "0D9700", None),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("not json\n", "line 1"),
        ("[1]\n", "line 1"),
        ('{"vehicle": "reference", "unit": 5, "code": null, "problem": null}\n', "line 1"),
        ('{"vehicle": "bmw-i3", "unit": "A", "code": null, "problem": null}\n', "is of bmw-i3"),
        (None, "cannot be read"),
    ],
)
def test_a_file_from_before_that_is_none_ends_with_2(
    evdiag: CommandLine, text: str | None, says: str
) -> None:
    if text is not None:
        Path("before.jsonl").write_text(text)
    said = evdiag("dtc", "read", "--vehicle", "reference", "--before", "before.jsonl",
                  bus=BusSettings("virtual", "nobody"))  # fmt: skip
    assert said.code == 2
    assert says in said.err
