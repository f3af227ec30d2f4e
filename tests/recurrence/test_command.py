"""`evdiag cases trend`, on a book with made cars."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest

from evdiag.casebook import histories as reading
from evdiag.recurrence.history import History
from tests.cli.in_process import CommandLine
from tests.recurrence.made import Truth, made, step

SLOW = made(1, Truth(release=step(180, math.log(2))), name="M-AB 1\x1b[31m", model="reference")
FINE = made(2, name="M-AB 2", model="reference")
NEW = History("M-AB 3", "other")


@pytest.fixture
def evdiag(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> CommandLine:
    monkeypatch.setenv("EVDIAG_CASEBOOK", str(tmp_path / "casebook.sqlite"))

    def histories(_book: object, *, vehicle: str | None = None, profile: str | None = None) -> list:
        assert vehicle is None
        return [h for h in (FINE, NEW, SLOW) if profile in (None, h.model)]

    monkeypatch.setattr(reading, "histories", histories)
    return CommandLine(monkeypatch, capsys)


def test_the_list_has_what_is_getting_worse_first(evdiag: CommandLine) -> None:
    said = evdiag("cases", "trend")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].startswith("! M-AB 1␛[31m")
    assert "unlocks, 3 % failed (2 to 5 %)" in lines[0]
    assert "before 0." in lines[0]
    assert lines[1].startswith("    Release time has doubled since July 2025")
    assert lines[2].startswith("  M-AB 2")
    assert lines[4].split() == ["M-AB", "3", "other", "no", "unlocks"]
    assert evdiag("cases", "trend", "--all").out == said.out


def test_the_list_in_its_stable_form(evdiag: CommandLine) -> None:
    first, second, third = evdiag("cases", "trend", "--format", "jsonl").rows
    assert first["vehicle"] == SLOW.name
    assert first["severity"] == "worse"
    assert first["getting_worse"] == pytest.approx(math.log(2), abs=0.1)
    assert first["now_s"] == pytest.approx(2 * first["before_s"], rel=0.9)
    assert first["failure_rate_low"] < first["failure_rate"] < first["failure_rate_high"]
    assert (second["severity"], second["getting_worse"]) == ("neutral", 0)
    assert (third["unlocks"], third["failure_rate"], third["text"]) == (0, None, None)
    rows = list(csv.reader(io.StringIO(evdiag("cases", "trend", "--format", "csv").out)))
    assert rows[0][:3] == ["vehicle", "profile", "unlocks"]
    assert rows[1][0] == "M-AB 1␛[31m"


def test_the_sentences_of_each_car_of_a_profile(evdiag: CommandLine) -> None:
    said = evdiag("cases", "trend", "--vehicle", "reference")
    assert said.code == 0
    assert "M-AB 2  reference\n  release  " in said.out
    assert "\n! Release time has doubled since July 2025 (0." in said.out
    assert "\x1b" not in said.out
    rows = evdiag("cases", "trend", "--vehicle", "reference", "--format", "jsonl").rows
    [found] = [row for row in rows if row["kind"] == "release_step"]
    assert found["vehicle"] == SLOW.name
    assert found["p"] < 1e-4
    assert found["numbers"]["ratio"] == pytest.approx(2, rel=0.15)
    assert sum(found["n"]) > 300
    rates = [row for row in rows if row["kind"] == "failure_rate"]
    assert [row["p"] for row in rates] == [None, None]


def test_of_a_car_that_is_new_nothing_is_said(evdiag: CommandLine) -> None:
    assert "too little is known" in evdiag("cases", "trend", "--vehicle", "other").out
    said = evdiag("cases", "trend", "--vehicle", "other", "--format", "jsonl")
    assert (said.out, said.code) == ("", 0)
    assert said.err == "M-AB 3: too little is known to say anything\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--vin", "WVWZZZ1KZAW000001"), "the case book has no car with the VIN WVWZZZ1KZAW000001"),
        (("--plate", "no[b]\x1b"), "the case book has no car with the number plate no[b]␛"),
        (("--vehicle", "nothing"), "the case book has no car of the profile nothing"),
        (("--vehicle", "reference", "--all"), "choose one of --vin, --plate, --vehicle and --all"),
    ],
)
def test_what_is_not_there_is_said(
    evdiag: CommandLine, words: tuple[str, ...], sentence: str
) -> None:
    said = evdiag("cases", "trend", *words)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err


def test_an_empty_book_is_said(evdiag: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "histories", lambda _book: [])
    said = evdiag("cases", "trend")
    assert (said.code, said.out) == (0, "")
    assert "holds no car" in said.err
