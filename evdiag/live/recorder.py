"""Writes every input down, first and in a thread of its own: no screen, no decoder in its way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from evdiag.inputs import Input
from evdiag.live.sequence import Reader

if TYPE_CHECKING:
    from evdiag.recordings.journal.state import JournalState
    from evdiag.recordings.journal.words import CarFiles, Vin

_WAIT_S = 0.05


class Store(Protocol):
    """Where inputs are written down: a journal, or a black box that writes one when asked."""

    @property
    def state(self) -> JournalState:
        """What has been written, what waits, and what is wrong."""

    def write(self, items: Sequence[Input]) -> None:
        """Write inputs down, in their order; never raises."""

    def flush_if_due(self) -> None:
        """Let what was written reach the disk, once a second."""

    def tell(self, word: CarFiles | Vin) -> None:
        """Note what became known of the car."""

    def close(self) -> None:
        """Write what is left and close the files."""


class Recorder:
    """Takes the inputs of one reader into one store until it is joined."""

    def __init__(self, reader: Reader, store: Store) -> None:
        self._reader = reader
        self._store = store
        self._orders: list[Callable[[Store], None]] = []
        self._lock = threading.Lock()
        self._nothing_comes = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to record."""
        self._thread.start()

    def join(self) -> None:
        """Wait until all that was put and ordered is done and the files are closed.

        Whoever still gives orders must be done: the follower, above all.
        """
        self._nothing_comes.set()
        self._thread.join()

    def order(self, what: Callable[[Store], None]) -> None:
        """Have something done to the store in its own thread, after all that has come so far."""
        with self._lock:
            self._orders.append(what)

    @property
    def pending(self) -> int:
        """How many inputs wait to be written."""
        return self._reader.pending

    @property
    def state(self) -> JournalState:
        """The state of the store."""
        return self._store.state

    def _run(self) -> None:
        try:
            while True:
                # Asked before taking: what is put in between is taken the next time.
                is_last = self._nothing_comes.is_set()
                items = self._reader.take(0.0 if is_last else _WAIT_S)
                orders = self._taken_orders()
                if orders:
                    # What was put before the order belongs before it.
                    items += self._reader.take()
                if items:
                    self._store.write(items)
                for order in orders:
                    order(self._store)
                self._store.flush_if_due()
                if is_last and not items:
                    return
                # A few large batches a second cost less than thousands of small ones.
                time.sleep(_WAIT_S / 2)
        finally:
            self._store.close()

    def _taken_orders(self) -> list[Callable[[Store], None]]:
        with self._lock:
            orders, self._orders = self._orders, []
        return orders
