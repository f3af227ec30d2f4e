"""What was put into a case by mistake comes out of it again, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from evdiag.casebook.exchange import exported
from evdiag.casebook.filing import file_in_case, file_without_case
from evdiag.casebook.histories import histories
from evdiag.casebook.opening import Book
from evdiag.casebook.reading import vehicles_in
from evdiag.scan.rows import Scanned
from tests.casebook.books import scanned
from tests.casebook.test_commands import VIN, shown
from tests.casebook.test_editing import OTHER_VIN
from tests.cli.in_process import CommandLine

pytestmark = pytest.mark.usefixtures("url")


@pytest.fixture
def full(evdiag: CommandLine, tmp_path: Path) -> Path:
    """Write a case with two of everything; return its photo."""
    photo = tmp_path / "pin.jpg"
    photo.write_bytes(b"a picture")
    (tmp_path / "latch.jpg").write_bytes(b"another picture")
    evdiag("cases", "new", "--plate", "A 1")
    evdiag(
        "cases", "add", "1", "relock-before-pull", "healthy-ac",
        "--note", "sticks when cold", "--note", "customer calls back",
        "--step", "pushed in", "--step", "waited",
        "--code-before", "P0D55", "--code-after", "P0D55", "--code-before", "P1234",
        "--photo", str(photo), "--photo", str(tmp_path / "latch.jpg"),
        "--part", "actuator", "--part-number", "A-7",
    )  # fmt: skip
    evdiag("cases", "add", "1", "--part", "seal")
    return photo


def test_each_of_them(evdiag: CommandLine, full: Path) -> None:
    removed = evdiag(
        "cases", "remove", "1", "relock-before-pull.log", "--note", "sticks when cold",
        "--step", "waited", "--code-before", "p0d55", "--photo", str(full), "--part", "A-7",
    )  # fmt: skip

    assert removed.code == 0
    assert removed.out.count("taken out: ") == 6
    assert f"taken out: photo {full}\n" in removed.out
    case = shown(evdiag)
    assert [Path(each["recording"]["path"]).stem for each in case["sessions"]] == ["healthy-ac"]
    assert case["note"] == "customer calls back"
    assert [step["text"] for step in case["steps"]] == ["pushed in"]
    assert sorted((code["reading"], code["sae"]) for code in case["trouble_codes"]) == [
        ("after", "P0D55"),
        ("before", "P1234"),
    ]
    assert [Path(each["path"]).name for each in case["photos"]] == ["latch.jpg"]
    assert [part["name"] for part in case["parts"]] == ["seal"]
    assert full.exists(), "files are nobody's to delete here"


def test_a_recording_is_known_by_its_hash(evdiag: CommandLine, full: Path) -> None:
    sha256 = shown(evdiag)["sessions"][0]["recording"]["sha256"]
    assert evdiag("cases", "remove", "1", sha256[:7]).code == 2
    assert evdiag("cases", "remove", "1", sha256[:8].upper()).code == 0
    left = [each["recording"]["sha256"] for each in shown(evdiag)["sessions"]]
    assert len(left) == 1
    assert sha256 not in left


def test_a_recording_is_known_by_the_path_it_was_added_with(
    evdiag: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "drive.log").write_text(
            f"({len(folder)}.000000) can0 4E0#0001020304050607\n" * 9
        )
        (tmp_path / folder / "pin.jpg").write_text(folder)
    monkeypatch.chdir(tmp_path)
    evdiag("cases", "new", "--vehicle", "reference")
    for folder in ("monday", "tuesday"):
        files = (f"{folder}/drive.log", "--photo", f"{folder}/pin.jpg")
        assert evdiag("cases", "add", "1", *files).code == 0
    gone = evdiag("cases", "remove", "1", "monday/drive.log", "--photo", "./tuesday/pin.jpg")
    assert gone.code == 0, gone.err
    case = shown(evdiag)
    assert [each["recording"]["path"] for each in case["sessions"]] == [
        str(tmp_path / "tuesday" / "drive.log")
    ]
    assert [each["path"] for each in case["photos"]] == [str(tmp_path / "monday" / "pin.jpg")]


def test_a_note_of_several_lines_goes_and_the_others_stay_as_they_are(
    evdiag: CommandLine,
) -> None:
    evdiag("cases", "new")
    evdiag("cases", "add", "1", "--note", "rain\rand snow", "--note", "called\nno answer")
    assert evdiag("cases", "remove", "1", "--note", "called\nno answer").code == 0
    assert shown(evdiag)["note"] == "rain\rand snow"
    assert evdiag("cases", "remove", "1", "--note", "rain\rand snow").code == 0
    assert shown(evdiag)["note"] is None


def test_what_another_case_has_stays_there(evdiag: CommandLine, full: Path, book: Book) -> None:
    evdiag("cases", "new", "--plate", "A 2")
    evdiag("cases", "add", "2", "healthy-ac")
    evdiag("cases", "remove", "1", "healthy-ac", "relock-before-pull")
    assert shown(evdiag, 1)["sessions"] == []
    assert len(shown(evdiag, 2)["sessions"]) == 1
    assert "relock-before-pull" not in "".join(exported(book))


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ((), "nothing is to be taken out"),
        (("frozen",), "has no recording 'frozen'; there are: "),
        (("--part", "latch"), "has no part 'latch'; there are: actuator, seal"),
        (("--part", "seal", "--part", "seal"), "has no part 'seal'; there are: actuator"),
        (("--code-after", "P1234"), "has no code after 'P1234'; there are: P0D55"),
        (("--note", "cold"), "has no note 'cold'; there are: sticks when cold, customer"),
        (("--step", "\x1b[2J"), "has no step '␛[2J'"),
    ],
)
def test_all_that_is_named_or_nothing(
    evdiag: CommandLine, full: Path, wish: tuple[str, ...], said: str
) -> None:
    before = shown(evdiag)
    words = ("healthy-ac", *wish) if wish else ()
    refused = evdiag("cases", "remove", "1", *words)
    assert refused.code == 2
    assert said in refused.err
    assert shown(evdiag) == before


def filed(book: Book, number: int, *recordings: Scanned) -> None:
    """File made-up recordings into a case."""
    with book.writing() as transaction:
        for each in recordings:
            file_in_case(transaction, number, each, "file", 5)


def test_what_only_a_mistaken_recording_said_of_the_car_goes_with_it(
    evdiag: CommandLine, book: Book
) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    filed(book, 1, scanned(1, vin=VIN, vehicle="bmw-i3"), scanned(2, vin=VIN, vehicle="bmw-i3"))

    assert "VIN" not in evdiag("cases", "remove", "1", "drive-1.log").out
    assert (shown(evdiag)["vin"], shown(evdiag)["profile"]) == (VIN, "bmw-i3")
    last = evdiag("cases", "remove", "1", "drive-2.log")

    assert f"taken out: VIN {VIN}, which only that said\n" in last.out
    assert (shown(evdiag)["vin"], shown(evdiag)["profile"]) == (None, None)
    filed(book, 1, scanned(3, vin=OTHER_VIN))
    assert (shown(evdiag)["vin"], shown(evdiag)["profile"]) == (OTHER_VIN, "reference")
    evdiag("cases", "new", "--vin", VIN)
    filed(book, 2, scanned(1, vin=VIN))


@pytest.mark.parametrize(
    "words", [("edit", "1", "--vin", VIN), ("new", "--vin", VIN)], ids=["edit", "new"]
)
def test_what_a_person_said_as_well_stays(
    evdiag: CommandLine, book: Book, words: tuple[str, ...]
) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    filed(book, 1, scanned(1, vin=VIN))
    assert evdiag("cases", *words).code == 0
    assert "VIN" not in evdiag("cases", "remove", "1", "drive-1.log").out
    assert shown(evdiag)["vin"] == VIN


def test_what_scans_filed_by_that_vin_gets_a_car_of_its_own(
    evdiag: CommandLine, book: Book
) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    filed(book, 1, scanned(1, vin=VIN))
    with book.writing() as transaction:
        file_without_case(transaction, scanned(2, vin=VIN), 6)
    evdiag("cases", "remove", "1", "drive-1.log")
    assert {(card.vin, card.plate) for card in vehicles_in(book)} == {(VIN, None), (None, "A 1")}
    [history] = [each for each in histories(book) if each.name == VIN]
    assert len(history.unlockings) == 1


def test_two_that_have_the_same_name(evdiag: CommandLine, tmp_path: Path) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pin.jpg").write_bytes(folder.encode())
        evdiag("cases", "add", "1", "--photo", str(tmp_path / folder / "pin.jpg"))
    refused = evdiag("cases", "remove", "1", "--photo", "pin.jpg")
    assert "can be more than one photo of case 1: say which of" in refused.err
    assert evdiag("cases", "remove", "1", "--photo", str(tmp_path / "monday/pin.jpg")).code == 0
    assert [Path(each["path"]).parent.name for each in shown(evdiag)["photos"]] == ["tuesday"]
