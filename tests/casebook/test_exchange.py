"""A book as JSON, and out of JSON into a book."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import update

from evdiag.casebook.cases import CarWords, case_of, close_case, new_case
from evdiag.casebook.editing import edit_car
from evdiag.casebook.exchange import exported, imported
from evdiag.casebook.filing import file_in_case, file_without_case
from evdiag.casebook.histories import histories
from evdiag.casebook.model import Attempt
from evdiag.casebook.opening import Book
from evdiag.casebook.reading import cases_in, vehicles_in
from evdiag.errors import BadInputError
from tests.casebook.books import Rows, books, empty, fill, scanned
from tests.cli.in_process import CommandLine

VIN = "WVWZZZ1KZAW000001"
ROUND_TRIPS = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def text_of(book: Book) -> str:
    """Return all of a book."""
    return "".join(exported(book))


def with_a_case(book: Book, vin: str = VIN, recording: int = 0) -> None:
    """Open a case and file a recording into it."""
    with book.writing() as transaction:
        number = new_case(transaction, CarWords(vin=vin, plate="A 1"), "stuck", 5).number
        file_in_case(transaction, number, scanned(recording), "file", 6)


@ROUND_TRIPS
@given(books())
def test_what_goes_out_comes_in_as_it_was(book: Book, other_book: Book, rows: Rows) -> None:
    empty(book)
    empty(other_book)
    fill(book, rows)
    text = text_of(book)

    imported(other_book, text, "it")

    assert text_of(other_book) == text
    counts = imported(other_book, text, "it")
    assert set(counts.values()) == {0}
    assert text_of(other_book) == text


@ROUND_TRIPS
@given(books())
def test_and_comes_into_either_kind_of_book(book: Book, other_book: Book, rows: Rows) -> None:
    empty(book)
    empty(other_book)
    fill(other_book, rows)
    text = text_of(other_book)

    imported(book, text, "it")

    assert text_of(book) == text


def test_two_books_become_one(book: Book, other_book: Book) -> None:
    with_a_case(book, recording=1)
    with_a_case(other_book, recording=2)
    with_a_case(other_book, "WVWZZZ1KZAW000002", recording=2)

    imported(book, text_of(other_book), "it")

    cards = cases_in(book)
    assert sorted(card.number for card in cards) == [1, 2, 3]
    assert len({card.vehicle.id for card in cards}) == 2
    assert [card.sessions for card in cards] == [1, 1, 1]


OTHER_VIN = "WVWZZZ1KZAW000002"


def opened(book: Book, at_ns: int, **words: str) -> int:
    """Open a case; return its number."""
    with book.writing() as transaction:
        return new_case(transaction, CarWords(**words), None, at_ns).number


def teach(book: Book, number: int, vin: str, recording: int, at_ns: int) -> None:
    """File a recording that knows a VIN into a case."""
    with book.writing() as transaction:
        file_in_case(transaction, number, scanned(recording, vin=vin), "file", at_ns)


def cars(book: Book) -> set[tuple[str | None, str | None, int]]:
    """Return VIN, plate and number of cases of each car."""
    cards = cases_in(book)
    return {
        (car.vin, car.plate, sum(card.vehicle.id == car.id for card in cards))
        for car in vehicles_in(book)
    }


def exchange(book: Book, other_book: Book) -> None:
    """Let two books know what the other one knows, and look whether that is all."""
    imported(book, text_of(other_book), "it")
    imported(other_book, text_of(book), "it")
    for one, other in ((book, other_book), (other_book, book)):
        assert set(imported(one, text_of(other), "it").values()) == {0}


@pytest.mark.parametrize("scan_first", [True, False])
def test_a_car_whose_vin_one_book_learnt_is_one_car(
    book: Book, other_book: Book, scan_first: bool
) -> None:
    opened(book, 5, plate="A 1")
    imported(other_book, text_of(book), "it")
    # Here its VIN is learnt in its case, there a scan has filed a recording under that VIN.
    teach(book, 1, VIN, 1, 10 if scan_first else 30)
    with other_book.writing() as transaction:
        file_without_case(transaction, scanned(2, vin=VIN), 20)
    other_case = opened(other_book, 25, vin=VIN)

    exchange(book, other_book)

    assert cars(book) == cars(other_book) == {(VIN, "A 1", 2)}
    for each in (book, other_book):
        [history] = histories(each)
        assert len(history.unlockings) == 2
    assert other_case == 2


def test_a_book_that_never_learnt_the_vin_knows_the_car_by_its_case(
    book: Book, other_book: Book
) -> None:
    opened(book, 5, plate="A 1")
    opened(book, 5, vin=VIN)
    never = text_of(book)
    imported(other_book, never, "it")
    with other_book.writing() as transaction:
        new_case(transaction, CarWords(plate="A 1"), "later", 50)
    later = text_of(other_book)
    learnt = json.loads(never)
    [first] = [row for row in learnt["vehicle"] if row["plate"]]
    learnt["vehicle"] = [first | {"vin": VIN, "changed_ns": 6}]
    learnt["case"] = [row for row in learnt["case"] if row["number"] == 1]

    imported(book, json.dumps(learnt), "it")
    assert cars(book) == {(VIN, "A 1", 2)}
    imported(book, later, "it")
    assert cars(book) == {(VIN, "A 1", 3)}


def test_nobody_unlearns_a_vin_from_a_book_that_does_not_know_it(
    book: Book, other_book: Book
) -> None:
    opened(book, 5, plate="A 1")
    imported(other_book, text_of(book), "it")
    teach(book, 1, VIN, 1, 10)
    with other_book.writing() as transaction:
        edit_car(transaction, case_of(transaction, 1), CarWords(plate="A 2"), 20)

    exchange(book, other_book)

    assert cars(book) == cars(other_book) == {(VIN, "A 2", 1)}


@pytest.mark.parametrize("at_ns", [10, 30], ids=["earlier", "later"])
def test_two_cars_of_the_other_book_stay_two(book: Book, other_book: Book, at_ns: int) -> None:
    opened(book, 5, plate="A 1")
    imported(other_book, text_of(book), "it")
    teach(book, 1, VIN, 1, 20)
    # There another VIN was learnt, and this one is another car's.
    teach(other_book, 1, OTHER_VIN, 2, at_ns)
    opened(other_book, 40, vin=VIN)

    imported(book, text_of(other_book), "it")

    assert {vin for vin, _, _ in cars(book)} == {VIN, OTHER_VIN}
    assert sum(number for _, _, number in cars(book)) == 2
    assert set(imported(book, text_of(other_book), "it").values()) == {0}


def test_what_was_changed_later_wins(book: Book, other_book: Book) -> None:
    with_a_case(book)
    earlier = text_of(book)
    imported(other_book, earlier, "it")
    with other_book.writing() as transaction:
        close_case(case_of(transaction, 1), "new actuator", 100)
    later = text_of(other_book)

    imported(book, later, "it")
    assert text_of(book) == later
    imported(book, earlier, "it")
    assert text_of(book) == later


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"evdiag_casebook": 99}',
        '{"evdiag_casebook": 1, "vehicle": {}}',
        '{"evdiag_casebook": 1, "vehicle": [7]}',
        '{"evdiag_casebook": 1, "vehicle": [{"id": "x"}]}',
    ],
)
def test_nonsense_is_said_in_one_sentence(book: Book, text: str) -> None:
    with pytest.raises(BadInputError) as said:
        imported(book, text, "a.json")
    assert "a.json" in str(said.value)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("case", "number", "1"),
        ("case", "opened_ns", 1 << 63),
        ("case", "vehicle_id", "nobody"),
        ("vehicle", "vin", "not a VIN"),
        ("attempt", "offset_s", "soon"),
        ("attempt", "offset_s", 10**400),
        ("attempt", "evidence", "text"),
        ("attempt", "evidence", [1]),
        ("session", "warnings", [{}]),
        ("case", "number", 0),
        ("case", "number", (1 << 63) - 1),
        ("session", "recording", "0"),
        ("recording", "dated", 1),
    ],
)
def test_one_bad_value_and_nothing_is_put_in(
    book: Book, other_book: Book, table: str, column: str, value: object
) -> None:
    with_a_case(other_book)
    before = text_of(book)
    whole = json.loads(text_of(other_book))
    whole[table][0][column] = value

    with pytest.raises(BadInputError):
        imported(book, json.dumps(whole), "a.json")

    assert text_of(book) == before


def test_the_commands(evdiag: CommandLine, book: Book, tmp_path: Path) -> None:
    with_a_case(book)
    file = tmp_path / "book.json"

    assert evdiag("cases", "export", str(file)).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert evdiag("cases", "export", "-").out == file.read_text(encoding="utf-8")
    assert evdiag("cases", "export", str(file)).code == 2
    assert evdiag("cases", "export", str(file), "--force").code == 0
    said = evdiag("cases", "import", str(file))
    assert (said.code, "0 cases new or newer, 0 recordings new" in said.out) == (0, True)
    assert evdiag("cases", "import", str(tmp_path / "none")).code == 2


def test_a_backup_is_the_whole_book(
    evdiag: CommandLine, book: Book, tmp_path: Path, other_book: Book
) -> None:
    from evdiag.casebook.opening import open_book

    with_a_case(book)
    copy = tmp_path / "copy"

    assert evdiag("cases", "backup", str(copy)).code == 0
    assert evdiag("cases", "backup", str(copy)).code == 2
    assert evdiag("cases", "backup", str(copy), "--force").code == 0

    assert copy.stat().st_mode & 0o077 == 0
    if book.place.path is None:
        imported(other_book, copy.read_text(encoding="utf-8"), "copy")
        assert text_of(other_book) == text_of(book)
    else:
        with open_book(str(copy)) as opened:
            assert text_of(opened) == text_of(book)
    assert evdiag("cases", "backup", str(book.place.path or copy), "--force").code in (0, 2)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_backup_takes_the_place_of_a_file_only(
    evdiag: CommandLine, book: Book, tmp_path: Path
) -> None:
    with_a_case(book)
    pipe, link, real = tmp_path / "pipe", tmp_path / "link", tmp_path / "real"
    os.mkfifo(pipe)
    real.write_text("old")
    link.symlink_to(real)
    assert "is no ordinary file" in evdiag("cases", "backup", str(pipe), "--force").err
    assert pipe.is_fifo()
    assert evdiag("cases", "backup", str(link), "--force").code == 0
    assert link.is_symlink()
    assert real.read_bytes() != b"old"


def test_no_command_writes_over_the_book(evdiag: CommandLine, book: Book) -> None:
    if book.place.path is None:
        pytest.skip("a book on a server is no file")
    with_a_case(book)
    path = str(book.place.path)
    for words in (
        ("cases", "export", path),
        ("cases", "backup", path),
        ("cases", "list", "--output", path),
        ("cases", "show", "1", "--output", path),
        ("cases", "trend", "--all", "--output", path),
        ("timeline", "frozen", "--output", path),
        ("convert", "frozen", path, "--to", "candump"),
    ):
        said = evdiag(*words, "--force")
        assert (said.code, "is the case book" in said.err) == (2, True), words
    assert evdiag("cases", "show", "1").code == 0


def test_a_backup_that_cannot_be_written_is_said_in_one_sentence(
    evdiag: CommandLine, book: Book, tmp_path: Path
) -> None:
    with_a_case(book)
    (tmp_path / "file").write_text("")
    for place in ("file/copy", "file/folder/copy"):
        said = evdiag("cases", "backup", str(tmp_path / place))
        assert (said.code, said.err.count("\n")) == (2, 1)
        assert f"{tmp_path / place} cannot be written" in said.err


def test_a_negative_zero_is_a_zero_in_every_book(book: Book, other_book: Book) -> None:
    with_a_case(book)
    with book.writing() as transaction:
        transaction.execute(update(Attempt).values(offset_s=-0.0))
    text = text_of(book)
    assert '"offset_s": -0.0' not in text
    imported(other_book, text, "it")
    assert text_of(other_book) == text
