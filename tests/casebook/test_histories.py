"""What the book tells of a car over time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evdiag.casebook.cases import CarWords, case_of, close_case, new_case
from evdiag.casebook.entries import add_part
from evdiag.casebook.filing import file_in_case, file_without_case
from evdiag.casebook.histories import histories
from evdiag.casebook.opening import Book
from evdiag.casebook.reading import vehicles_in
from evdiag.casebook.scanning import BookLog
from evdiag.recurrence.history import Circumstances, Locking, Repair, Unlocking
from evdiag.scan.rows import Left
from tests.casebook.books import START_NS, scanned

VIN = "WVWZZZ1KZAW000001"
DAY_NS = 86_400 * 10**9


def test_a_car_has_its_unlockings_lockings_and_repairs_in_order(book: Book) -> None:
    with book.writing() as transaction:
        for _ in range(2):
            new_case(transaction, CarWords(vin=VIN, plate="A 1"), None, 1)
        file_in_case(transaction, 1, scanned(5, outcome="no_response"), "file", 2)
        file_in_case(transaction, 2, scanned(3), "file", 3)
        file_in_case(transaction, 2, scanned(5), "file", 4)
        add_part(transaction, case_of(transaction, 1), "actuator", "12", START_NS)
        close_case(case_of(transaction, 1), "changed the actuator", START_NS + 1)
        close_case(case_of(transaction, 2), "cleaned the pin", START_NS - 1)

    [history] = histories(book)

    around = Circumstances(-5.0, 12.1, "ac")
    assert (history.name, history.model) == ("A 1", "reference")
    assert history.unlockings == (
        Unlocking(START_NS + 3 * DAY_NS, f"{3:064x}", "released", 1.25, around),
        Unlocking(START_NS + 5 * DAY_NS, f"{5:064x}", "no_response", 1.25, around),
    )
    assert [locking.locked_after_s for locking in history.lockings] == [0.4, 0.4]
    assert history.lockings[0] == Locking(
        START_NS + 3 * DAY_NS - 10**9, f"{3:064x}", 0.4, Circumstances(-5.0, 12.0, "ac")
    )
    assert history.repairs == (
        Repair(START_NS - 1, "cleaned the pin"),
        Repair(START_NS, "actuator"),
    )


def test_what_has_no_date_or_whose_car_has_no_name_is_nobodys_history(book: Book) -> None:
    with book.writing() as transaction:
        new_case(transaction, CarWords(plate="A 1"), None, 1)
        file_in_case(transaction, 1, scanned(1, dated=False), "file", 2)
        file_without_case(transaction, scanned(2), 3)
        file_without_case(transaction, scanned(3, vin=VIN), 4)

    found = histories(book)

    assert [(history.name, len(history.unlockings)) for history in found] == [("A 1", 0), (VIN, 1)]
    [only] = [card for card in vehicles_in(book) if card.vin == VIN]
    assert [history.name for history in histories(book, vehicle=only.id)] == [VIN]
    assert histories(book, profile="bmw-i3") == []


def test_a_scan_goes_into_the_book_once(book: Book) -> None:
    log = BookLog(book, now_ns=lambda: 9)

    assert log.add(scanned(1))
    assert log.add(scanned(2, vin=VIN))
    assert not log.add(scanned(1))
    assert not log.add(scanned(4, vehicle=None))
    log.leave(Left("/x", "bad", "x"))

    assert log.unknown == 1
    assert log.vehicles["reference"].recordings == 2
    assert log.known(101) == {f"{1:064x}"}
    assert BookLog(book).known(102) == {f"{2:064x}"}
    assert not BookLog(book).add(scanned(1))
    assert BookLog(book, anew=True).add(scanned(1))
    names = [(card.is_one_car, card.name) for card in vehicles_in(book)]
    assert names == [(True, VIN), (False, "reference cars without a name")]


def test_a_car_that_was_filed_by_its_vin_is_the_one_that_comes_in(book: Book) -> None:
    with book.writing() as transaction:
        file_without_case(transaction, scanned(1, vin=VIN), 1)
        new_case(transaction, CarWords(vin=VIN, plate="A 1"), None, 2)
        file_in_case(transaction, 1, scanned(1, vin=VIN), "file", 3)

    [history] = histories(book)

    assert (history.name, len(history.unlockings)) == ("A 1", 1)


@pytest.mark.parametrize("cut_off_first", [True, False])
def test_what_is_in_two_recordings_counts_once(book: Book, cut_off_first: bool) -> None:
    """A recording that went on after it was filed, and one that another format rounds."""
    whole = scanned(1)
    cut_off = replace(scanned(1, outcome="inconclusive"), content="a" * 64)
    rounded = replace(
        whole,
        content="b" * 64,
        attempts=(replace(whole.attempts[0], opened_ns=whole.attempts[0].opened_ns + 400_000),),
    )
    with book.writing() as transaction:
        number = new_case(transaction, CarWords(plate="A 1"), None, 1).number
        for each in [cut_off, whole, rounded][:: 1 if cut_off_first else -1]:
            assert each.recording is not None
            own = replace(each, recording=replace(each.recording, recording=str(each.content)))
            assert file_in_case(transaction, number, own, "file", 2).is_new
        file_in_case(transaction, number, scanned(2), "file", 3)

    [history] = histories(book)

    assert [each.outcome for each in history.unlockings] == ["released", "released"]
    assert len(history.lockings) == 2


def test_a_word_of_another_evdiag_is_no_part_of_a_history(book: Book) -> None:
    with book.writing() as transaction:
        number = new_case(transaction, CarWords(plate="A 1"), None, 1).number
        file_in_case(transaction, number, scanned(1, outcome="sublimated"), "file", 2)

    assert histories(book)[0].unlockings == ()
