"""What is written of a case and its car, put right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evdiag.casebook.opening import Book
from tests.casebook.test_commands import VIN, shown
from tests.cli.in_process import CommandLine

OTHER_VIN = "WVWZZZ1KZAW000002"

pytestmark = pytest.mark.usefixtures("url")


def cars(evdiag: CommandLine, tmp_path: Path) -> list[tuple[str | None, str | None]]:
    """Return VIN and plate of every car in the book."""
    export = tmp_path / "cars.json"
    assert evdiag("cases", "export", str(export), "--force").code == 0
    whole = json.loads(export.read_text())
    return sorted(((car["vin"], car["plate"]) for car in whole["vehicle"]), key=repr)


def test_words_of_a_case_and_its_car(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--plate", "M-AB 123", "--complaint", "cabel stuck", "--inlet", "ccs2")
    evdiag("cases", "close", "1", "--verdict", "actuator")

    edited = evdiag(
        "cases", "edit", "1", "--complaint", "cable stuck", "--verdict", "", "--reopen",
        "--plate", "M-AB 132", "--vin", VIN.lower(), "--customer", " Frau Möller ", "--inlet", "",
    )  # fmt: skip

    assert (edited.code, edited.out) == (0, "")
    case = shown(evdiag)
    assert (case["complaint"], case["verdict"], case["closed_ns"]) == ("cable stuck", None, None)
    assert (case["vin"], case["plate"], case["customer"]) == (VIN, "M-AB 132", "Frau Möller")
    assert case["inlet"] is None


def test_a_car_is_the_same_in_all_of_its_cases(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "edit", "1", "--plate", "A 2")
    assert [shown(evdiag, number)["plate"] for number in (1, 2)] == ["A 2", "A 2"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nothing is to be put right"),
        (("--vin", "no vin"), "is no VIN"),
        (("--plate", "-"), "is no number plate"),
        (("--vehicle", "lada"), "no vehicle is called"),
        (("--vin", OTHER_VIN), "add --other-car"),
        (("--vin", VIN, "--other-car"), "is about that car already"),
    ],
)
def test_what_cannot_be_is_left_as_it_was(
    evdiag: CommandLine, options: tuple[str, ...], said: str
) -> None:
    evdiag("cases", "new", "--vin", VIN, "--complaint", "stuck")
    evdiag("cases", "new", "--vin", OTHER_VIN)
    before = shown(evdiag)
    refused = (
        evdiag("cases", "edit", "1", "--complaint", "other", *options)
        if options
        else evdiag("cases", "edit", "1")
    )
    assert refused.code == 2
    assert said in refused.err
    assert shown(evdiag) == before
    assert "there is no case 7" in evdiag("cases", "edit", "7", "--reopen").err


def test_a_case_goes_to_another_car_with_its_recordings(
    evdiag: CommandLine, tmp_path: Path
) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "add", "1", "relock-before-pull")
    evdiag("cases", "new", "--vin", VIN, "--plate", "A 2")

    assert evdiag("cases", "edit", "1", "--other-car", "--plate", "A 2").code == 0

    assert shown(evdiag)["vin"] == VIN
    assert len(shown(evdiag)["sessions"]) == 1
    # Of the car of the wrong plate nothing is left.
    assert cars(evdiag, tmp_path) == [(VIN, "A 2")]
    gone = evdiag("cases", "forget", "--vin", VIN, "--yes")
    assert gone.code == 0
    assert cars(evdiag, tmp_path) == []


def test_what_is_left_of_a_car_stays(evdiag: CommandLine, tmp_path: Path) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "edit", "2", "--other-car", "--plate", "A 3")
    assert cars(evdiag, tmp_path) == [(None, "A 1"), (None, "A 3")]


def test_recordings_of_one_model_go_to_no_car_of_another(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "add", "1", "relock-before-pull")
    evdiag("cases", "new", "--plate", "A 2", "--vehicle", "bmw-i3")
    refused = evdiag("cases", "edit", "1", "--other-car", "--plate", "A 2")
    assert refused.code == 2
    assert "are of reference, and that car is a bmw-i3" in refused.err
    assert shown(evdiag)["plate"] == "A 1"
    # A car that is new has the model of its recordings.
    assert evdiag("cases", "edit", "1", "--other-car", "--plate", "A 3").code == 0
    assert shown(evdiag)["profile"] == "reference"


def test_another_book_learns_that_a_case_is_about_another_car(
    evdiag: CommandLine,
    other_book: Book,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "add", "1", "relock-before-pull")
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    evdiag("cases", "export", str(before))
    evdiag("cases", "edit", "1", "--other-car", "--vin", VIN)
    evdiag("cases", "export", str(after))

    other_book.close()
    monkeypatch.setenv("EVDIAG_CASEBOOK", str(tmp_path / "other" / "casebook.sqlite"))
    assert evdiag("cases", "import", str(before)).code == 0
    assert evdiag("cases", "import", str(after)).code == 0

    assert shown(evdiag)["vin"] == VIN
    export = tmp_path / "theirs.json"
    evdiag("cases", "export", str(export))
    theirs = json.loads(export.read_text())
    [case] = theirs["case"]
    assert [session["vehicle_id"] for session in theirs["session"]] == [case["vehicle_id"]]


def test_an_empty_list_says_so(evdiag: CommandLine) -> None:
    assert "no open case: `evdiag cases new` opens one" in evdiag("cases", "list").err
    evdiag("cases", "new", "--plate", "A 1")
    assert evdiag("cases", "list").err == ""
    assert "no case has that" in evdiag("cases", "list", "Huber", "--all").err
