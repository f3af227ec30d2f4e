"""What the screens have to do with the case book: a case is chosen, recordings go into it.

The book is opened, read and written in a thread of its own; a screen goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from evdiag.errors import EvdiagError

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor
    from pathlib import Path

    from evdiag.casebook.values import CaseCard
    from evdiag.tui.views_app import ViewsApp

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class SeenCar:
    """What the bus shows of the car: which profile fits, and the VIN where a unit told it."""

    profile: str | None = None
    name: str = ""
    vin: str | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a recording, in a sentence; `code` is the exit code that it deserves.

    `doubt` is what a person should know of it, or empty.
    """

    sentence: str
    doubt: str = ""
    code: int = 0


class CaseBook(Protocol):
    """The case book as a screen has it (`evdiag.cli.case_desk`); all it does takes its time."""

    def open_cases(self) -> Sequence[CaseCard]:
        """Return the cases that are open, the newest first.

        Raises:
            BadInputError: the book cannot be used.
        """

    def new_case(self, plate: str, complaint: str, car: SeenCar) -> int:
        """Open a case, and return its number.

        Raises:
            BadInputError: the book cannot be used.
        """

    def file(self, number: int, recording: str | Path) -> Put:
        """Put a recording into a case; nothing is raised where that fails, it is said."""


class CaseDesk:
    """Joins a screen with the case book; where `book` is None there is none on this screen.

    `number` is the case that is chosen, None where none is. `put` says what became of each
    recording so far.
    """

    def __init__(self, app: ViewsApp, book: CaseBook | None, number: int | None = None) -> None:
        self._app = app
        self._book = book
        self.number = number
        self.put: list[Put] = []
        self._seen = 0
        self._answers: list[tuple[Future[Any], Callable[[], None]]] = []

    @property
    def is_busy(self) -> bool:
        """True while something is read from the book or written to it."""
        return any(not future.done() for future, _ in self._answers)

    def ask(self, car: SeenCar, take: Callable[[int | None], None]) -> None:
        """Have the person choose a case, or open one; `take` gets it, None for no case any more.

        Where the person thinks better of it nothing is taken.
        """
        book = self._book
        if book is None:
            self._app.say("there is no case book on this screen", seconds=6)
            return
        from evdiag.tui.case_dialogs import NEW, NO_CASE, CaseChoice, NewCase

        def chosen(value: str | None) -> None:
            if value == NEW:
                self._app.push_screen(NewCase(car), open_one)
            elif value is not None:
                take(None if value == NO_CASE else int(value))

        def open_one(said: tuple[str, str] | None) -> None:
            if said is not None:
                self._begin(partial(book.new_case, *said, car), take)

        dialog = CaseChoice(car, self.number)
        self._app.push_screen(dialog, chosen)
        self._begin(book.open_cases, dialog.put, dialog.give_up)

    def file(self, number: int, recording: str | Path) -> None:
        """Put a recording into a case; what became of it is said."""
        book = self._book
        assert book is not None

        def work() -> Put:
            put = book.file(number, recording)
            self.put.append(put)
            return put

        self._begin(work, self._say_what_became)

    def file_new(self, recordings: Sequence[Path]) -> None:
        """Put those into the chosen case that were not there when this was called last.

        Where no case is chosen they are in none, whatever is chosen later.
        """
        fresh, self._seen = recordings[self._seen :], len(recordings)
        if self.number is not None:
            for recording in fresh:
                self.file(self.number, recording)

    def tick(self) -> None:
        """Take what the book has answered, in the screen's own thread."""
        done = [each for each in self._answers if each[0].done()]
        self._answers = [each for each in self._answers if each not in done]
        for _, take in done:
            take()

    def finish(self) -> None:
        """Wait until all is written that was asked for; the screen is gone by now."""
        if self._answers:
            self._thread.shutdown()

    # -- the book's own thread -----------------------------------------------------------------

    @cached_property
    def _thread(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(1, "case book")

    def _begin(
        self,
        work: Callable[[], _Answer],
        take: Callable[[_Answer], None],
        fail: Callable[[], None] = lambda: None,
    ) -> None:
        future = self._thread.submit(work)

        def settle() -> None:
            try:
                answer = future.result()
            except EvdiagError as error:
                fail()
                self._app.say(str(error), seconds=10)
            else:
                take(answer)

        self._answers.append((future, settle))

    def _say_what_became(self, put: Put) -> None:
        self._app.say(f"{put.sentence}; {put.doubt}" if put.doubt else put.sentence, seconds=8)
