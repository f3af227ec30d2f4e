"""The commands of the case book."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evdiag.packaged import shipped_folder
from tests.cli.in_process import CommandLine

VIN = "WVWZZZ1KZAW000001"

pytestmark = pytest.mark.usefixtures("url")


def shown(evdiag: CommandLine, number: int = 1) -> dict:
    """Return all of a case."""
    [row] = evdiag("cases", "show", str(number), "--format", "jsonl").rows
    return row


def test_a_case_from_its_beginning_to_its_end(evdiag: CommandLine, tmp_path: Path) -> None:
    photo = tmp_path / "port.jpg"
    photo.write_bytes(b"\xff\xd8 not much of a picture")
    began = evdiag(
        "cases", "new", "--vin", VIN.lower(), "--plate", "M-AB 123", "--customer", "Frau Möller",
        "--inlet", "ccs2", "--complaint", "cable stuck",
    )  # fmt: skip
    assert (began.code, began.out) == (0, "1\n")

    added = evdiag(
        "cases", "add", "1", "relock-before-pull", "healthy-ac", "--note", "cold morning",
        "--step", "pulled again", "--part", "lock actuator", "--part-number", "5Q0 123",
        "--photo", str(photo), "--on", "2026-05-12", "--code-before", "p0d55",
    )  # fmt: skip

    assert added.code == 0
    assert "relock-before-pull.log: 2 attempts, 1 fault" in added.out
    [listed] = evdiag("cases", "list", "--format", "jsonl").rows
    assert (listed["number"], listed["sessions"], listed["attempts"]) == (1, 2, 3)
    assert listed["faults"] == 1
    whole = shown(evdiag)
    assert whole["vin"] == VIN
    assert whole["profile"] == "reference"
    assert whole["note"] == "cold morning"
    relocked, healthy = whole["sessions"]
    assert [attempt["outcome"] for attempt in relocked["attempts"]] == ["relocked", "released"]
    assert relocked["findings"][0]["fault"] == "relocks_before_pull"
    assert relocked["circumstances"][0]["charger"] == "ac"
    assert healthy["lockings"][0]["locked_after_s"] == pytest.approx(0.18, abs=0.01)
    assert whole["parts"] == [
        {"fitted_ns": 1_778_587_200 * 10**9, "name": "lock actuator", "number": "5Q0 123"}
    ]
    assert [step["text"] for step in whole["steps"]] == ["pulled again"]
    assert [code["sae"] for code in whole["trouble_codes"]] == ["P0D55"]
    assert whole["photos"][0]["path"] == str(photo)

    assert evdiag("cases", "close", "1", "--verdict", "new actuator").code == 0
    assert evdiag("cases", "list").out == ""
    assert "new actuator" in evdiag("cases", "list", "--all").out


def test_what_a_scan_says_is_what_the_book_keeps(evdiag: CommandLine, tmp_path: Path) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "add", "1", "relock-before-pull")
    attempts = evdiag("attempts", "relock-before-pull", "--format", "jsonl").rows
    findings = evdiag("diagnose", "relock-before-pull", "--format", "jsonl").rows

    [session] = shown(evdiag)["sessions"]

    for kept, said in zip(session["attempts"], attempts, strict=True):
        assert {name: kept[name] for name in said if name != "recording"} == {
            name: value for name, value in said.items() if name != "recording"
        }
    for kept, said in zip(session["findings"], findings, strict=True):
        assert (kept["fault"], kept["summary"]) == (said["fault"], said["summary"])


def test_a_recording_is_filed_in_the_unit_that_was_said(
    evdiag: CommandLine, tmp_path: Path
) -> None:
    """Who says another one has it filed anew; a recording lies in time where it was put last."""
    drive = tmp_path / "drive.log"
    source = (shipped_folder("recordings") / "healthy-ac.log").read_text()
    drive.write_text(re.sub(r"^\((\d+)\.(\d+)\)", r"(\1\2.000000)", source, flags=re.M))
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "new", "--plate", "A 2")
    found = []
    for unit in ("ms", "us"):
        said = ("--time-unit", unit, "--vehicle", "reference")
        assert evdiag("cases", "add", "1", str(drive), *said).code == 0
        assert evdiag("replay", str(drive), *said, "--case", "2").code == 0
        [one], [other] = (shown(evdiag, number)["sessions"] for number in (1, 2))
        assert one["attempts"] == other["attempts"]
        found.append((len(one["attempts"]), one["recording"]["dated"]))
    assert found == [(0, False), (1, True)]


def test_the_same_recording_is_in_a_case_once(evdiag: CommandLine, tmp_path: Path) -> None:
    copy = tmp_path / "another name.log"
    copy.write_bytes((shipped_folder("recordings") / "healthy-ac.log").read_bytes())
    evdiag("cases", "new")
    evdiag("cases", "add", "1", "healthy-ac")

    again = evdiag("cases", "add", "1", str(copy))

    assert again.code == 0
    assert "is in it already" in again.out
    assert len(shown(evdiag)["sessions"]) == 1


def test_one_that_is_in_a_case_of_another_car_is_put_in_and_said(evdiag: CommandLine) -> None:
    for plate in ("A 1", "B 2", "A 1"):
        evdiag("cases", "new", "--plate", plate)
    assert evdiag("cases", "add", "1", "healthy-ac").err == ""

    of_same_car = evdiag("cases", "add", "3", "healthy-ac")
    of_another = evdiag("cases", "add", "2", "healthy-ac")

    assert of_same_car.err == ""
    assert of_another.code == 0
    assert "healthy-ac.log is in cases 1, 3 of another car, too" in of_another.err
    assert len(shown(evdiag, 2)["sessions"]) == 1


def test_one_bad_file_does_not_stop_the_others(evdiag: CommandLine, tmp_path: Path) -> None:
    bad = tmp_path / "bad.log"
    bad.write_text("nothing of the kind\n" * 20)
    evdiag("cases", "new")

    added = evdiag("cases", "add", "1", str(bad), str(tmp_path / "none.log"), "healthy-ac")

    assert added.code == 2
    assert "bad.log" in added.err
    assert "none.log" in added.err
    assert len(shown(evdiag)["sessions"]) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nothing is to be added"),
        (("--note", " ", "--step", "", "--part", ""), "nothing is to be added"),
        (("--part", " ", "--part-number", "A-7"), "--part-number is of a part"),
        (("--on", "2026-05-12", "--note", "rain"), "--on is of a part or a step"),
    ],
)
def test_what_adds_nothing_is_said(
    evdiag: CommandLine, options: tuple[str, ...], said: str
) -> None:
    evdiag("cases", "new")

    refused = evdiag("cases", "add", "1", *options)

    assert refused.code == 2
    assert said in refused.err
    case = shown(evdiag)
    assert (case["note"], case["steps"], case["parts"]) == (None, [], [])


def test_a_recording_of_another_car_is_refused(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--vehicle", "bmw-i3")

    refused = evdiag("cases", "add", "1", "healthy-ac")

    assert refused.code == 2
    assert "is of reference, and case 1 is about a bmw-i3" in refused.err
    assert "--vehicle bmw-i3" in refused.err
    assert shown(evdiag)["sessions"] == []


@pytest.mark.parametrize("vin", ["WVWZZZ1KZAW00000", "WVWZZZ1KZAW0000O1", "WVWZZZ1KZAW 00001"])
def test_a_vin_has_the_form_of_one(evdiag: CommandLine, vin: str) -> None:
    refused = evdiag("cases", "new", "--vin", vin)

    assert refused.code == 2
    assert "is no VIN" in refused.err
    assert evdiag("cases", "list", "--all").out == ""


def test_a_car_that_comes_back_is_the_same_car(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--vin", VIN, "--plate", "M-AB 123", "--customer", "Ada")
    evdiag("cases", "new", "--plate", "mab123")
    evdiag("cases", "new", "--vin", VIN, "--plate", "HH-X 1")
    evdiag("cases", "new", "--plate", "M-AB 124")

    rows = evdiag("cases", "list", "--format", "jsonl").rows

    assert [row["customer"] for row in rows] == [None, "Ada", "Ada", "Ada"]
    assert rows[1]["plate"] == "HH-X 1"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--code-after", "banana"), "banana is no trouble code: write it as P0D55"),
        (("--part", "pin", "--on", "2199-05-12"), "is still to come"),
    ],
)
def test_what_no_car_can_have_is_refused(
    evdiag: CommandLine, options: tuple[str, ...], said: str
) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    refused = evdiag("cases", "add", "1", *options)
    assert (refused.code, said in refused.err) == (2, True)


def test_a_plate_is_found_however_it_is_written(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--plate", "M-AB 123")
    for written in ("m ab123", "MAB", "ab-1"):
        assert "M-AB 123" in evdiag("cases", "list", written).out
    assert evdiag("cases", "list", " -- ").out == ""


def test_cases_are_found(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--plate", "A 1", "--customer", "Müller", "--complaint", "stuck")
    evdiag("cases", "new", "--plate", "B 2", "--customer", "Meier", "--vehicle", "bmw-i3")
    evdiag("cases", "close", "2")

    def numbers(*words: str) -> list[int]:
        return [row["number"] for row in evdiag("cases", "list", *words, "--format", "jsonl").rows]

    assert numbers() == [1]
    assert numbers("--all") == [2, 1]
    assert numbers("--all", "--customer", "MÜLLER") == [1]
    assert numbers("--all", "--vehicle", "bmw-i3") == [2]
    assert numbers("--all", "STUCK") == [1]
    assert numbers("--all", "nothing of this") == []


def test_trouble_codes_come_as_they_were_read(evdiag: CommandLine, tmp_path: Path) -> None:
    row = {
        "vehicle": "reference", "unit": "0x7E6", "code": "0D5513", "sae": "P0D55-13",
        "status": "0x2F", "says": ["confirmed"], "meaning": None, "evidence": None, "source": None,
        "snapshot": "01 02", "extended": "", "problem": None,
    }  # fmt: skip
    before = tmp_path / "before.jsonl"
    before.write_text(json.dumps(row) + "\n")
    nonsense = tmp_path / "nonsense.jsonl"
    nonsense.write_text("{}\n")
    evdiag("cases", "new")

    assert evdiag("cases", "add", "1", "--dtc-before", str(before)).code == 0
    assert evdiag("cases", "add", "1", "--dtc-before", str(before)).code == 0
    refused = evdiag("cases", "add", "1", "--dtc-after", str(nonsense), "--note", "not written")

    assert refused.code == 2
    [code] = shown(evdiag)["trouble_codes"]
    assert (code["reading"], code["sae"], code["says"]) == ("before", "P0D55-13", ["confirmed"])
    assert shown(evdiag)["note"] is None


def test_what_is_foreign_is_shown_plain(evdiag: CommandLine) -> None:
    evdiag(
        "cases", "new", "--plate", "\x1b[2J", "--complaint", "a\x00b\udc80c‮", "--customer", "x\ny"
    )

    for words in (["list"], ["show", "1"]):
        said = evdiag("cases", *words).out
        assert not set("\x1b\x00‮\udc80") & set(said)
        assert "␛[2J" in said


def test_a_case_that_is_not_there(evdiag: CommandLine) -> None:
    for words in (["show", "3"], ["add", "3", "--note", "x"], ["close", "3"]):
        said = evdiag("cases", *words)
        assert said.code == 2
        assert "there is no case 3" in said.err
    assert "there is no case 1000" in evdiag("cases", "show", "1" + "0" * 30).err


@pytest.mark.parametrize("day", ["0001-01-01", "2026-02-30", "soon", "9999-12-31"])
def test_a_day_that_cannot_be_is_refused(evdiag: CommandLine, day: str) -> None:
    evdiag("cases", "new")

    refused = evdiag("cases", "add", "1", "--step", "pulled", "--on", day)

    assert refused.code == 2
    said = "is still to come" if day.startswith("9") else "is no day"
    assert f"{day} {said}" in refused.err
    assert shown(evdiag)["steps"] == []


def test_a_stroke_is_no_plate(evdiag: CommandLine) -> None:
    for plate in ("-", ". .", "·"):
        refused = evdiag("cases", "new", "--plate", plate)
        assert refused.code == 2
        assert "is no number plate" in refused.err


def test_a_plate_that_was_on_a_car_of_another_profile_is_on_another_car(
    evdiag: CommandLine,
) -> None:
    evdiag("cases", "new", "--plate", "M-AB 123", "--vehicle", "bmw-i3")
    evdiag("cases", "new", "--plate", "M-AB 123", "--vehicle", "renault-zoe")
    evdiag("cases", "new", "--plate", "m ab 123", "--vehicle", "bmw-i3", "--customer", "Ada")

    rows = evdiag("cases", "list", "--format", "jsonl").rows

    profiles = [(row["profile"], row["customer"]) for row in rows]
    assert profiles == [("bmw-i3", "Ada"), ("renault-zoe", None), ("bmw-i3", "Ada")]
    refused = evdiag("cases", "new", "--plate", "M-AB 123")
    assert refused.code == 2
    assert "say which with --vin" in refused.err


def test_a_recording_whose_car_could_not_be_told_can_be_named_later(
    evdiag: CommandLine, tmp_path: Path
) -> None:
    unknown = tmp_path / "unknown.log"
    unknown.write_text("".join(f"({n}.000000) can0 7A1#{n:02X}\n" for n in range(1, 60)))
    evdiag("cases", "new")
    evdiag("cases", "add", "1", str(unknown))
    assert "is in it already" in evdiag("cases", "add", "1", str(unknown)).out

    named = evdiag("cases", "add", "1", str(unknown), "--vehicle", "reference")

    assert "added" in named.out
    [session] = shown(evdiag)["sessions"]
    assert session["profile"] == "reference"
    assert "is in it already" in evdiag("cases", "add", "1", str(unknown)).out


def test_a_recording_nobody_knows_is_read_as_the_car_of_the_case(
    evdiag: CommandLine, tmp_path: Path
) -> None:
    unknown = tmp_path / "unknown.log"
    unknown.write_text("".join(f"({n}.000000) can0 7A1#{n:02X}\n" for n in range(1, 60)))
    evdiag("cases", "new")
    evdiag("cases", "new", "--vehicle", "bmw-i3")

    first = evdiag("cases", "add", "1", str(unknown))
    second = evdiag("cases", "add", "2", str(unknown))

    assert (first.code, second.code) == (0, 0)
    assert "whose car cannot be told" in first.out
    assert "read as bmw-i3, as the case says" in second.err
    [session] = shown(evdiag, 1)["sessions"]
    assert session["profile"] is None
    assert session["reason"]
    [session] = shown(evdiag, 2)["sessions"]
    assert session["profile"] == "bmw-i3"


def test_standard_input_cannot_be_kept(evdiag: CommandLine) -> None:
    evdiag("cases", "new")
    assert "save standard input as a file" in evdiag("cases", "add", "1", "-").err


def test_a_case_is_closed_once(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "close", "1", "--verdict", "new actuator")
    assert evdiag("cases", "close", "1", "--verdict", "new actuator").code == 0
    assert evdiag("cases", "close", "1").code == 0

    refused = evdiag("cases", "close", "1", "--verdict", "nothing found")

    assert refused.code == 2
    assert "is closed already, its verdict is 'new actuator'" in refused.err
    assert "new actuator" in evdiag("cases", "show", "1").out
