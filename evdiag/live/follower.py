"""Feeds the session in a thread of its own; the screen looks at it between two batches."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias, TypeVar

from evdiag.inputs import Input
from evdiag.live.sequence import Reader
from evdiag.session.following import Following

_Seen = TypeVar("_Seen")

Hook: TypeAlias = Callable[[Following, Sequence[Input]], None]
"""Called in the follower's thread after each batch, nothing else touching the following."""

_WAIT_S = 0.1
_BATCH = 2_000
"""Inputs between two chances of the screen to look."""

log = logging.getLogger("evdiag.live")


class Follower:
    """Keeps a `Following` up to date, and tells `hooks` of each batch."""

    def __init__(
        self,
        reader: Reader,
        following: Following,
        hooks: Sequence[Hook] = (),
    ) -> None:
        self._reader = reader
        self._following = following
        self._hooks = hooks
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self.failure: Exception | None = None

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def join(self) -> None:
        """Wait until everything that was put has been followed."""
        self._thread.join(timeout=30.0)

    def look(self, at: Callable[[Following], _Seen]) -> _Seen:
        """Call `at` while nothing changes; it must be quick."""
        with self._lock:
            return at(self._following)

    def look_soon(self, at: Callable[[Following], _Seen], within_s: float) -> _Seen | None:
        """Call `at` as `look` does; None where what is followed is not free within that time."""
        if not self._lock.acquire(timeout=within_s):
            return None
        try:
            return at(self._following)
        finally:
            self._lock.release()

    def look_safely(self, at: Callable[[Following], _Seen]) -> _Seen | None:
        """Call `at` as `look` does; None once following has stopped. It does where `at` fails."""
        seen: _Seen | None = None

        def look() -> None:
            nonlocal seen
            seen = at(self._following)

        if self.failure is None:
            self._safely(look)
        return seen

    def decide(self) -> None:
        """Have the car decided with what there is."""
        if self.failure is None:
            self._safely(self._following.decide_now)

    @property
    def behind(self) -> int:
        """How many inputs wait to be followed."""
        return self._reader.pending

    def _run(self) -> None:
        while True:
            # Asked before taking: what is put in between is taken the next time.
            is_last = self._reader.ended
            items = self._reader.take(_WAIT_S)
            if is_last and not items:
                return
            self._follow(items)

    def _follow(self, items: list[Input]) -> None:
        for first in range(0, len(items), _BATCH):
            if self.failure is None:
                self._safely(partial(self._take, items[first : first + _BATCH]))

    def _take(self, batch: list[Input]) -> None:
        self._following.take(batch)
        for hook in self._hooks:
            hook(self._following, batch)

    def _safely(self, work: Callable[[], object]) -> None:
        try:
            with self._lock:
                work()
        except Exception as error:
            # The recording goes on whatever the decoder stumbles over; the screen says so.
            log.exception("following stopped")
            self.failure = error
