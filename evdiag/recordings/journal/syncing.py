"""Asks the disk to really have what it was given, in a thread of its own: that may take long."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import NamedTuple

from evdiag.recordings.journal.part import Part


class Synced(NamedTuple):
    """The disk has everything of `part` up to the entry `upto`, or says why not."""

    part: Part
    upto: int
    error: OSError | None


class Syncer:
    """Syncs one part at a time."""

    def __init__(self, fsync: Callable[[int], None] = os.fsync) -> None:
        self._fsync = fsync
        self._wishes: SimpleQueue[tuple[Part, int, tuple[int, ...]] | None] = SimpleQueue()
        self._answers: SimpleQueue[Synced] = SimpleQueue()
        self._busy = False
        self._thread: threading.Thread | None = None

    def wish(self, part: Part, upto: int) -> bool:
        """Ask for what `part` holds so far, up to the entry `upto`; False while it is at work."""
        if self._busy:
            return False
        try:
            descriptors = part.duplicates()
        except OSError as error:
            self._answers.put(Synced(part, upto, error))
            return True
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="journal-sync", daemon=True)
            self._thread.start()
        self._busy = True
        self._wishes.put((part, upto, descriptors))
        return True

    def answer(self) -> Synced | None:
        """Return what came of a wish, if there is news."""
        return None if self._answers.empty() else self._answers.get()

    def sync_now(self, part: Part) -> None:
        """Sync in the caller's thread.

        Raises:
            OSError: the disk does not have it all.
        """
        self._sync(part.duplicates())

    def stop(self) -> None:
        """Let the thread end once it has done what it is at."""
        self._wishes.put(None)

    def _run(self) -> None:
        while (wish := self._wishes.get()) is not None:
            part, upto, descriptors = wish
            error = None
            try:
                self._sync(descriptors)
            except OSError as failed:
                error = failed
            self._busy = False
            self._answers.put(Synced(part, upto, error))

    def _sync(self, descriptors: tuple[int, ...]) -> None:
        try:
            for descriptor in descriptors:
                self._fsync(descriptor)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
