"""A process that files recordings into one case, one after the other, and says so."""

from __future__ import annotations

import sys

from evdiag.casebook.filing import file_in_case
from evdiag.casebook.opening import open_book
from tests.casebook.books import scanned


def main(url: str, first: int, many: int) -> None:
    """File `many` recordings; each is said on standard output once it is in the book."""
    with open_book(url) as book:
        for number in range(first, first + many):
            with book.writing() as transaction:
                file_in_case(transaction, 1, scanned(number), "file", number)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
