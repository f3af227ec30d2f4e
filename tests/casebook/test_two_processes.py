"""Several processes at one book, and one that is killed: nothing lost, nothing half there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from evdiag.casebook.cases import CarWords, new_case
from evdiag.casebook.model import Attempt, Locking, Recording, Session
from evdiag.casebook.opening import Book

ROOT = Path(__file__).parent.parent.parent
LONGEST_S = 300

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")


def hammering(url: str, first: int, many: int) -> subprocess.Popen[str]:
    """Start a process that files recordings."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.casebook.hammering", url, str(first), str(many)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def counts(book: Book) -> tuple[int, int, int, int]:
    """Return how many there are of what is filed together."""
    with book.reading() as transaction:
        found = [
            transaction.scalar(select(func.count()).select_from(table)) or 0
            for table in (Session, Attempt, Locking, Recording)
        ]
    return tuple(found)  # type: ignore[return-value]


def is_sound(book: Book) -> bool:
    """Ask the database whether it is whole."""
    if book.place.path is None:
        return True
    with book.reading() as transaction:
        said = transaction.execute(text("PRAGMA integrity_check")).scalar_one()
        loose = transaction.execute(text("PRAGMA foreign_key_check")).all()
    return said == "ok" and not loose


def test_two_write_at_once_and_all_of_it_is_there(book: Book, url: str) -> None:
    with book.writing() as transaction:
        new_case(transaction, CarWords(), None, 1)

    # The ten in the middle are filed by both.
    both = [hammering(url, 0, 40), hammering(url, 30, 40)]

    for process in both:
        process.communicate(timeout=LONGEST_S)
    assert [process.returncode for process in both] == [0, 0]
    assert counts(book) == (70, 70, 70, 70)
    assert is_sound(book)


def test_one_is_killed_and_nothing_is_lost_that_was_said(book: Book, url: str) -> None:
    with book.writing() as transaction:
        new_case(transaction, CarWords(), None, 1)
    killed, other = hammering(url, 0, 100_000), hammering(url, 200_000, 40)

    assert killed.stdout is not None
    said = [killed.stdout.readline() for _ in range(15)]
    os.kill(killed.pid, signal.SIGKILL)
    said += killed.stdout.readlines()
    killed.wait(LONGEST_S)
    killed.stdout.close()
    other.communicate(timeout=LONGEST_S)

    assert other.returncode == 0
    whole = [int(line) for line in said if line.endswith("\n")]
    assert len(whole) >= 15
    with book.reading() as transaction:
        filed = set(transaction.scalars(select(Recording.sha256)))
    assert {f"{number:064x}" for number in whole} <= filed
    # What was filed and not said yet is one at most, and whole.
    assert len(filed) in (len(whole) + 40, len(whole) + 41)
    assert counts(book) == (len(filed),) * 4
    assert is_sound(book)
    with book.writing() as transaction:
        assert new_case(transaction, CarWords(), None, 1).number == 2
