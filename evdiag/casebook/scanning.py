"""A scan straight into the case book: what a recording shows is filed under its car."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict

from sqlalchemy import select

from evdiag.casebook.filing import file_without_case
from evdiag.casebook.model import Recording
from evdiag.casebook.opening import Book
from evdiag.scan.rows import Left, Scanned
from evdiag.scan.tables import Vehicle


class BookLog:
    """Stands where the log of a scan stands. `vehicles` is what came in, `unknown` what had no car.

    With `anew` recordings that the book has are read once more.
    """

    def __init__(
        self, book: Book, *, anew: bool = False, now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self.vehicles: dict[str | None, Vehicle] = {}
        self.unknown = 0
        self._book = book
        self._anew = anew
        self._now_ns = now_ns
        self._of_size: dict[int, set[str]] = {}
        if not anew:
            with book.reading() as transaction:
                for size, content in transaction.execute(select(Recording.bytes, Recording.sha256)):
                    self._of_size.setdefault(size, set()).add(content)

    def known(self, size: int) -> frozenset[str]:
        """Return the hashes of recordings of this size that the book has."""
        return frozenset(self._of_size.get(size, ()))

    def add(self, scanned: Scanned) -> bool:
        """File a recording under its car; return whether it is new to it.

        Raises:
            BadInputError: the book cannot be written.
        """
        recording = scanned.recording
        if recording is None:
            return False
        if recording.vehicle is None:
            self.unknown += 1
            return False
        with self._book.writing() as transaction:
            filed = file_without_case(transaction, scanned, self._now_ns(), anew=self._anew)
        if filed.is_new:
            line = {"recording": asdict(recording), "findings": map(asdict, scanned.findings)}
            self.vehicles.setdefault(recording.vehicle, Vehicle(recording.vehicle)).add(line)
            self._of_size.setdefault(recording.bytes, set()).add(recording.recording)
        return filed.is_new

    def leave(self, left: Left) -> None:
        """Keep nothing of what is no recording."""
