"""What was forgotten is nowhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from evdiag.casebook.cases import CarWords, new_case
from evdiag.casebook.exchange import exported, imported
from evdiag.casebook.filing import file_in_case, file_without_case
from evdiag.casebook.forgetting import Wish, forget, tidy, what_goes
from evdiag.casebook.migrating import copy_before
from evdiag.casebook.opening import Book
from evdiag.casebook.reading import cases_in, vehicles_in
from evdiag.errors import BadInputError
from evdiag.packaged import shipped_folder
from tests.casebook.books import scanned
from tests.cli.in_process import CommandLine

VIN = "WVWZZZ1KZAW000001"
OTHER = "WVWZZZ1KZAW000002"


def two_customers(book: Book) -> None:
    """Write down two cars of one customer, with a note each, and one car of another."""
    with book.writing() as transaction:
        for index, (vin, plate, customer) in enumerate(
            [(VIN, "AAA 1", "Ada Secret"), (OTHER, "BBB 2", "Ada Secret"), (None, "CCC 3", "Bob")]
        ):
            car = CarWords(vin=vin, plate=plate, customer=customer)
            number = new_case(transaction, car, f"complaint of {plate}", 1).number
            for recording in (index, 7):
                path = f"/recordings of {plate}/{recording}.log"
                file_in_case(transaction, number, scanned(recording, path=path), "file", 2)


@pytest.mark.parametrize(
    ("wish", "left"),
    [
        (Wish(vin=VIN.lower()), ["CCC 3", "BBB 2"]),
        (Wish(plate="aaa1"), ["CCC 3", "BBB 2"]),
        (Wish(customer="ada secret "), ["CCC 3"]),
        (Wish(case=1), ["CCC 3", "BBB 2"]),
        (Wish(case=3), ["BBB 2", "AAA 1"]),
    ],
)
def test_it_goes_and_nothing_else(book: Book, wish: Wish, left: list[str]) -> None:
    two_customers(book)

    forget(book, wish, 9)

    assert [card.vehicle.plate for card in cases_in(book)] == left
    assert sorted(card.plate or "" for card in vehicles_in(book)) == sorted(left)
    text = "".join(exported(book))
    for plate in {"AAA 1", "BBB 2", "CCC 3"} - set(left):
        assert plate not in text.replace("/recordings of CCC 3/7.log", "")
    assert f'"{7:064x}"' in text


def opened(book: Book, complaint: str) -> int:
    """Open a case about a car of its own; return its number."""
    with book.writing() as transaction:
        return new_case(transaction, CarWords(), complaint, 1).number


@pytest.mark.parametrize("said", [None, VIN])
def test_a_vin_that_only_a_forgotten_case_said_goes_from_a_car_that_stays(
    book: Book, said: str | None
) -> None:
    with book.writing() as transaction:
        for index in range(2):
            number = new_case(transaction, CarWords(plate="AAA 1", vin=said), None, 1).number
            recorded = scanned(index, vin=None if index else VIN)
            file_in_case(transaction, number, recorded, "file", 2)
    assert [car.vin for car in vehicles_in(book)] == [VIN]
    forget(book, Wish(case=1), 9)
    assert [car.vin for car in vehicles_in(book)] == [said]


def test_a_number_on_paper_never_means_another_case(book: Book, other_book: Book) -> None:
    assert [opened(book, "one"), opened(book, "two"), opened(book, "three")] == [1, 2, 3]
    theirs = "".join(exported(book))
    forget(book, Wish(case=3), 9)
    assert opened(book, "four") == 4
    forget(book, Wish(case=1), 9)
    forget(book, Wish(case=4), 9)

    imported(other_book, "".join(exported(book)), "it")
    for each in (book, other_book):
        assert opened(each, "five") == 5
        # What was forgotten and comes back is a case like any other one that comes in.
        imported(each, theirs, "it")
        assert {(card.number, card.complaint) for card in cases_in(each)} == {
            (2, "two"), (5, "five"), (6, "one"), (7, "three")
        }  # fmt: skip


def test_the_last_case_takes_the_car_along_unless_more_is_known(book: Book) -> None:
    with book.writing() as transaction:
        new_case(transaction, CarWords(vin=VIN), None, 1)
        file_without_case(transaction, scanned(3, vin=VIN), 2)

    forget(book, Wish(case=1), 9)

    assert [card.vin for card in vehicles_in(book)] == [VIN]


@pytest.mark.parametrize("wish", [Wish(vin=VIN), Wish(plate="x"), Wish(customer="A"), Wish(case=9)])
def test_who_is_not_known_cannot_be_forgotten(book: Book, wish: Wish) -> None:
    with pytest.raises(BadInputError, match=r"no car|no customer|no case"):
        what_goes(book, wish)


def test_nothing_of_it_is_left_in_any_file(url: str, book: Book) -> None:
    if book.place.path is None:
        pytest.skip("where a server keeps its files is its own affair")
    two_customers(book)
    folder = book.place.path.parent
    copy_before(book.place.path, "0000").write_bytes(book.place.path.read_bytes())
    assert any(b"Ada Secret" in path.read_bytes() for path in folder.iterdir())

    with book.reading():
        forget(book, Wish(customer="Ada Secret"), 9)
    assert tidy(book)

    left = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"complaint of CCC 3" in left
    for trace in (b"Ada Secret", VIN.encode(), b"AAA 1", b"complaint of BBB 2", b"BBB"):
        assert trace not in left


def test_the_command_says_what_goes_and_asks(evdiag: CommandLine, book: Book) -> None:
    two_customers(book)

    asked = evdiag("cases", "forget", "--vin", VIN)

    assert asked.code == 2
    assert "add --yes" in asked.err
    assert "case 1: complaint of AAA 1" in asked.out
    assert "\n2 sessions with all that they showed\n" in asked.out
    assert f"recording /recordings of AAA 1/{0}.log stays on the disk" in asked.out
    assert "/7.log" not in asked.out
    assert len(cases_in(book)) == 3
    assert evdiag("cases", "forget", "--vin", VIN, "--plate", "x").code == 2
    assert evdiag("cases", "forget").code == 2

    assert evdiag("cases", "forget", "--vin", VIN, "--yes").code == 0
    assert len(cases_in(book)) == 2
    assert evdiag("cases", "forget", "--tidy").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
@pytest.mark.parametrize(("word", "left"), [("yes", 3), ("forget", 2)])
def test_on_a_terminal_it_asks_for_a_word(book: Book, word: str, left: int) -> None:
    from tests.end_to_end.test_terminal import Terminal

    two_customers(book)
    terminal = Terminal("cases", "forget", "--plate", "CCC 3")
    terminal.until("type forget to delete this")
    terminal.press(f"{word}\r")

    assert terminal.ended() == (0 if word == "forget" else 2)
    assert b"case 3: complaint of CCC 3" in terminal.seen
    assert len(cases_in(book)) == left


def test_files_go_where_they_are_what_was_filed(
    evdiag: CommandLine, book: Book, tmp_path: Path
) -> None:
    shipped = shipped_folder("recordings")
    made = {name: tmp_path / f"{name}.log" for name in ("one", "shared", "changed")}
    for path, story in zip(
        made.values(), ("healthy-ac", "healthy-dc", "relock-before-pull"), strict=True
    ):
        path.write_bytes((shipped / f"{story}.log").read_bytes())
    photo = tmp_path / "port.png"
    photo.write_bytes(b"picture")
    marks = tmp_path / "one.log.marks.jsonl"
    marks.write_text('{"row": 1, "text": "Ada"}\n')
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "new", "--plate", "B 2")
    evdiag("cases", "add", "1", *map(str, made.values()), "--photo", str(photo))
    evdiag("cases", "add", "2", str(made["shared"]))
    made["changed"].write_bytes(b"something else")

    said = evdiag("cases", "forget", "--case", "1", "--files", "--yes")

    assert said.code == 2
    assert "changed.log is another file by now: left as it is" in said.out
    assert not made["one"].exists()
    assert not marks.exists()
    assert not photo.exists()
    assert made["shared"].exists()
    assert made["changed"].exists()


def test_a_recording_that_a_scan_filed_without_a_name_goes_too(book: Book) -> None:
    with book.writing() as transaction:
        file_without_case(transaction, scanned(1, path="/ada secret/1.log"), 1)
        file_without_case(transaction, scanned(2), 1)
        car = CarWords(vin=VIN, customer="Ada Secret")
        number = new_case(transaction, car, None, 2).number
        file_in_case(transaction, number, scanned(1, path="/ada secret/1.log"), "file", 3)

    forget(book, Wish(customer="Ada Secret"), 9)

    text = "".join(exported(book))
    assert "ada secret" not in text
    assert f"{2:064x}" in text


def test_one_session_is_said_as_one(evdiag: CommandLine, book: Book) -> None:
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "add", "1", "healthy-dc")
    gone = evdiag("cases", "forget", "--case", "1", "--yes")
    assert "\n1 session with all that it showed\n" in gone.out


def test_what_evdiag_ships_is_nobody_s_to_delete(evdiag: CommandLine, book: Book) -> None:
    shipped = shipped_folder("recordings") / "healthy-dc.log"
    evdiag("cases", "new", "--plate", "A 1")
    evdiag("cases", "add", "1", "healthy-dc")
    gone = evdiag("cases", "forget", "--case", "1", "--files", "--yes")
    assert gone.code == 0
    assert "healthy-dc" not in gone.out
    assert shipped.is_file()
