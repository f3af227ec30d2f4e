"""One order for everything that enters from a live bus; several read it at their own pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence as Items

from evdiag.inputs import BusEvent, BusEventKind, Frame, Identified, Input

PENDING_LIMIT = 2_000_000
"""Inputs that may wait for one reader (about 500 MB): its disk or its processor hangs by then."""

_TICK_S = 0.2


class Reader:
    """Takes the inputs in their order; made by `InputSequence.reader`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: list[Input] = []
        self._ready = threading.Condition()
        self._waiting = False
        self._lost = 0
        self._ended = False

    def take(self, timeout_s: float = 0.0) -> list[Input]:
        """Return all that is there, waiting up to `timeout_s` for the first of it.

        Where the reader was too slow for the memory there is, the inputs that were dropped are
        counted in an event at the end.
        """
        with self._ready:
            if not self._items and timeout_s > 0 and not self._ended:
                self._waiting = True
                self._ready.wait(timeout_s)
                self._waiting = False
            items, self._items = self._items, []
            lost, self._lost = self._lost, 0
        if lost:
            words = "evdiag could not keep up: its memory for waiting frames was full"
            items.append(BusEvent(items[-1].time_ns, BusEventKind.FRAMES_LOST, 0, lost, words))
        return items

    @property
    def pending(self) -> int:
        """How many inputs wait."""
        return len(self._items)

    @property
    def ended(self) -> bool:
        """True when nothing more will come; what waits can still be taken."""
        return self._ended

    def _give(self, items: Items[Input]) -> None:
        with self._ready:
            if len(self._items) >= self._limit:
                self._lost += len(items)
                return
            self._items.extend(items)
            if self._waiting:
                self._ready.notify()

    def _end(self) -> None:
        with self._ready:
            self._ended = True
            self._ready.notify_all()


class InputSequence:
    """Orders inputs from any thread once; every reader takes the same order from its making on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: list[Reader] = []
        self._frames = self._sent = 0
        self._latest_ns = 0
        self._latest_s = time.monotonic()
        self._ended = False

    def reader(self, limit: int = PENDING_LIMIT) -> Reader:
        """Make a reader of what is put from now on."""
        reader = Reader(limit)
        with self._lock:
            self._readers.append(reader)
        return reader

    def forget(self, reader: Reader) -> None:
        """Give this reader nothing more."""
        with self._lock:
            if reader in self._readers:
                self._readers.remove(reader)
        reader._end()

    def put(self, items: Items[Input]) -> None:
        """Put inputs at the end of the order; nothing is taken after `end`."""
        if not items:
            return
        with self._lock:
            if self._ended:
                return
            for item in items:
                if type(item) is Frame:
                    if item.direction == "tx":
                        self._sent += 1
                    else:
                        self._frames += 1
            if not isinstance(items[-1], Identified):
                # That one bears the stamp of the first frame, whenever the car was recognised.
                self._latest_ns = items[-1].time_ns
                self._latest_s = time.monotonic()
            for reader in self._readers:
                reader._give(items)

    def end(self) -> None:
        """Say that nothing more will come."""
        with self._lock:
            self._ended = True
            for reader in self._readers:
                reader._end()

    @property
    def frames(self) -> int:
        """Frames received so far."""
        return self._frames

    @property
    def sent(self) -> int:
        """Frames that evdiag itself sent."""
        return self._sent

    @property
    def latest_ns(self) -> int:
        """The stamp of the newest input; 0 before the first."""
        return self._latest_ns

    @property
    def now_ns(self) -> int:
        """The time on the inputs' own clock, in whole µs: the newest stamp and what passed since.

        A tick comes ten times a second, so more than that did not pass.
        """
        passed_s = min(time.monotonic() - self._latest_s, _TICK_S)
        return self._latest_ns + int(passed_s * 1e6) * 1000
