"""The loop of a scan: what was found is handed out, what was done is written down."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol

from evdiag.plain import plain_text
from evdiag.scan.crew import Crew, WorkerDiedError
from evdiag.scan.places import Place, ReadAs, Task
from evdiag.scan.rows import Left, Scanned

_LOOK_EVERY_S: Final = 0.2
_GRACE_S: Final = 2.0
"""How long, once the scan is to stop, what is being done may take to be finished."""

_FOUND_AT_ONCE: Final = 200


@dataclass(slots=True)
class Tally:
    """How far a scan has come.

    `done` and `done_bytes` are of what was found; `is_counted` tells whether all was found that
    there is. Of what is done, `fresh` was scanned and `known` needed no scan.
    """

    found: int = 0
    found_bytes: int = 0
    is_counted: bool = False
    done: int = 0
    done_bytes: int = 0
    fresh: int = 0
    known: int = 0
    bad: int = 0
    skipped: int = 0
    stopped: bool = False


class Log(Protocol):
    """What is told of everything that is done: a `ScanLog`, or the case book."""

    def known(self, size: int) -> frozenset[str]:
        """Return the hashes of recordings that need no scan and lie in files of this size."""
        ...

    def add(self, scanned: Scanned) -> bool:
        """Take what became of a place; return whether a recording is new by it."""
        ...

    def leave(self, left: Left) -> None:
        """Take that something was not scanned."""
        ...


Watch = Callable[[Tally], None]
Say = Callable[[Left], None]


class Scan:
    """One scan. `watch` is shown the tally now and then, `say` is told what could not be read."""

    def __init__(
        self,
        log: Log,
        crew: Crew,
        *,
        read_as: ReadAs | None = None,
        for_book: bool = False,
        must_stop: Callable[[], bool] = lambda: False,
        watch: Watch = lambda tally: None,
        say: Say = lambda left: None,
    ) -> None:
        self.tally = Tally()
        self._log = log
        self._crew = crew
        self._read_as = read_as or ReadAs()
        self._for_book = for_book
        self._must_stop = must_stop
        self._watch = watch
        self._say = say
        self._waiting: deque[Place] = deque()
        self._suspects: deque[Place] = deque()
        self._in_hand: dict[Future[Scanned], Place] = {}
        self._is_broken = False
        self._is_alone = False
        self._done: queue.SimpleQueue[Future[Scanned]] = queue.SimpleQueue()

    def run(self, found: Iterable[Place | Left]) -> Tally:
        """Scan everything that is found.

        Raises:
            BusError: the cluster that does the work is gone.
            BadInputError: the disk does not take the log.
        """
        places = iter(found)
        try:
            while not self._must_stop():
                self._find(places)
                self._hand_out()
                if self._is_over:
                    return self.tally
                self._take_in(self._patience_s)
                self._watch(self.tally)
            self._wind_up()
            return self.tally
        finally:
            self._crew.close()

    @property
    def _is_over(self) -> bool:
        to_do = self._in_hand or self._suspects or self._waiting
        return self.tally.is_counted and not to_do

    def _find(self, places: Iterator[Place | Left]) -> None:
        """Look for more, a little at a time: meanwhile the work goes on."""
        tally = self.tally
        for _ in range(0 if tally.is_counted else _FOUND_AT_ONCE):
            place = next(places, None)
            if place is None:
                tally.is_counted = True
                return
            if isinstance(place, Left):
                self._leave(place)
            else:
                tally.found += 1
                tally.found_bytes += place.bytes
                self._waiting.append(place)

    def _hand_out(self) -> None:
        if self._is_broken and not self._recovered():
            return
        if self._suspects:
            # What may have killed a process is tried again, alone.
            if not self._in_hand:
                self._is_alone = True
                self._begin(self._suspects)
            return
        if self._is_alone and self._in_hand:
            return
        self._is_alone = False
        while self._waiting and len(self._in_hand) < self._crew.hands and not self._is_broken:
            self._begin(self._waiting)

    def _recovered(self) -> bool:
        """Have the dead replaced, once all that they took along is accounted for."""
        if not self._in_hand:
            self._crew.recover()
            self._is_broken = False
        return not self._is_broken

    def _begin(self, places: deque[Place]) -> None:
        known = self._log.known(places[0].bytes)
        task = Task(places[0], self._read_as, known, self._for_book)
        try:
            future = self._crew.start(task)
        except WorkerDiedError:
            self._is_broken = True
            return
        self._in_hand[future] = places.popleft()
        future.add_done_callback(self._done.put)

    @property
    def _patience_s(self) -> float:
        return _LOOK_EVERY_S if self.tally.is_counted and self._in_hand else 0.0

    def _take_in(self, patience_s: float) -> None:
        """Wait for something to be done, and write down all that is."""
        try:
            self._finish(
                self._done.get(timeout=patience_s) if patience_s else self._done.get_nowait()
            )
            while True:
                self._finish(self._done.get_nowait())
        except queue.Empty:
            return

    def _finish(self, future: Future[Scanned]) -> None:
        place = self._in_hand.pop(future)
        try:
            scanned = self._crew.result(future)
        except WorkerDiedError as error:
            self._is_broken |= not error.alone
            if not (error.alone or self._is_alone):
                self._suspects.append(place)
                return
            reason = f"{place.label}: {plain_text(str(error))}"
            scanned = Scanned(place.path, place.bytes, left=Left(place.path, "bad", reason))
        tally = self.tally
        tally.done += 1
        tally.done_bytes += place.bytes
        if scanned.left is not None:
            self._leave(scanned.left)
        elif self._log.add(scanned):
            tally.fresh += 1
        else:
            tally.known += 1

    def _leave(self, left: Left) -> None:
        self._log.leave(left)
        if left.kind == "skipped":
            self.tally.skipped += 1
        else:
            self.tally.bad += 1
            self._say(left)

    def _wind_up(self) -> None:
        """Let what is nearly done be finished."""
        self.tally.stopped = True
        deadline_s = time.monotonic() + _GRACE_S
        while self._in_hand and time.monotonic() < deadline_s:
            self._take_in(_LOOK_EVERY_S)
