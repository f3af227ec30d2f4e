"""What is written of a case and its car, put right."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evdiag.casebook.opening import Book
from tests.casebook.test_commands import VIN, shown
from tests.cli.in_process import CommandLine

OTHER_VIN = "WVWZZZ1KZAW000002"

pytestmark = pytest.mark.usefixtures("url")


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
        (("--vin", OTHER_VIN), f"is known as {VIN}, and a VIN does not change"),
        (("--vin", ""), f"is known as {VIN}"),
        (("--plate", "-"), "is no number plate"),
        (("--plate", "a-2"), "another car in the book has the plate a-2"),
        (("--vehicle", "lada"), "no vehicle is called"),
        (("--vehicle", "bmw-i3"), "are of reference: it is no bmw-i3"),
    ],
)
def test_what_cannot_be_is_left_as_it_was(
    evdiag: CommandLine, options: tuple[str, ...], said: str
) -> None:
    evdiag("cases", "new", "--vin", VIN, "--complaint", "stuck")
    evdiag("cases", "add", "1", "relock-before-pull")
    evdiag("cases", "new", "--vin", OTHER_VIN, "--plate", "A 2")
    before = shown(evdiag)
    words = ("--complaint", "other", *options) if options else ()
    refused = evdiag("cases", "edit", "1", *words)
    assert refused.code == 2
    assert said in refused.err
    assert shown(evdiag) == before
    assert "there is no case 7" in evdiag("cases", "edit", "7", "--reopen").err


def test_a_car_gets_no_vin_of_another(evdiag: CommandLine) -> None:
    evdiag("cases", "new", "--vin", VIN)
    evdiag("cases", "new", "--plate", "A 2")
    refused = evdiag("cases", "edit", "2", "--vin", VIN)
    assert "another car in the book has the VIN" in refused.err
    assert shown(evdiag, 2)["vin"] is None
    assert evdiag("cases", "edit", "1", "--vin", VIN, "--plate", "A 1").code == 0


def test_another_book_learns_it_and_what_it_did_later_stays(
    evdiag: CommandLine,
    other_book: Book,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who edits the car has not changed the case."""
    other_book.close()
    ours = os.environ["EVDIAG_CASEBOOK"]
    theirs = str(tmp_path / "other" / "casebook.sqlite")
    export = str(tmp_path / "export.json")
    evdiag("cases", "new", "--plate", "A 1", "--complaint", "stuck")
    evdiag("cases", "export", export)

    monkeypatch.setenv("EVDIAG_CASEBOOK", theirs)
    evdiag("cases", "import", export)
    evdiag("cases", "close", "1", "--verdict", "actuator")
    monkeypatch.setenv("EVDIAG_CASEBOOK", ours)
    evdiag("cases", "edit", "1", "--vin", VIN, "--complaint", "stuck")
    evdiag("cases", "export", export, "--force")

    monkeypatch.setenv("EVDIAG_CASEBOOK", theirs)
    assert evdiag("cases", "import", export).code == 0
    assert (shown(evdiag)["vin"], shown(evdiag)["verdict"]) == (VIN, "actuator")


def test_an_empty_list_says_so(evdiag: CommandLine) -> None:
    assert "no open case: `evdiag cases new` opens one" in evdiag("cases", "list").err
    evdiag("cases", "new", "--plate", "A 1")
    assert evdiag("cases", "list").err == ""
    assert "no case has that" in evdiag("cases", "list", "Huber", "--all").err
