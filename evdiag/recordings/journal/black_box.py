"""Keeps the last minutes in memory and writes them down when something happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from evdiag.errors import BadInputError
from evdiag.inputs import Identified, Input, Mark
from evdiag.recordings.journal.header import Header
from evdiag.recordings.journal.ring import Ring
from evdiag.recordings.journal.state import JournalState
from evdiag.recordings.journal.words import CarFiles, Trigger, Vin
from evdiag.recordings.journal.writer import RETRY_S, Journal

MOST_FRAMES: Final = 500_000
"""Frames kept at most, about 150 MB: at 20,000 frames/s the last 25 s."""

WINDOW_S: Final = 120.0
AFTER_S: Final = 30.0


class BlackBox:
    """A recorder for faults that come when they like. Belongs to one thread, as `Journal` does.

    It keeps the last `window_s` seconds. `save`, and every mark, writes them as a journal of their
    own and goes on writing until `after_s` seconds after the last trigger. Time is that of the
    inputs' stamps. `options` are those of `Journal`.
    """

    def __init__(
        self,
        folder: Path,
        header: Header,
        *,
        window_s: float = WINDOW_S,
        after_s: float = AFTER_S,
        most_frames: int = MOST_FRAMES,
        clock: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
        **options: Any,
    ) -> None:
        """Make the folder, where it is not there yet.

        Raises:
            BadInputError: nothing can be recorded there.
        """
        self._folder = folder
        self._header = replace(header, mode="black box")
        self._after_ns = int(after_s * 1e9)
        self._clock = clock
        self._wall_ns = wall_ns
        self._options = options
        self._ring = Ring(int(window_s * 1e9), most_frames)
        self._identified: Identified | None = None
        self._journal: Journal | None = None
        self._until_ns = 0
        self._wanted: list[Trigger] = []
        self._alarm: str | None = None
        self._retry_at_s = 0.0
        self._past = JournalState(header.wall_ns)
        self._state = self._past
        self._probe()

    @property
    def state(self) -> JournalState:
        """What was saved, what is being saved, and what is wrong; any thread may ask."""
        return self._state

    def write(self, items: Sequence[Input]) -> None:
        """Take inputs in their order; a mark among them saves."""
        for item in items:
            if type(item) is Identified:
                self._identified = item
        self._ring.add(items)
        if self._journal is not None:
            self._journal.write(items)
        for item in items:
            if type(item) is Mark:
                self.save(f"mark: {item.text}")
        self._finish_if_over()
        self._state = self._state_now()

    def save(self, reason: str) -> None:
        """Write the last minutes down, and what comes; called in the writer's thread."""
        self._until_ns = self._ring.now_ns + self._after_ns
        trigger = Trigger(self._wall_ns() // 1000 * 1000, reason)
        if self._journal is not None:
            self._journal.tell(trigger)
        else:
            self._wanted.append(trigger)
            self._begin()
        self._state = self._state_now()

    def tell(self, word: CarFiles | Vin) -> None:
        """Note what became known for the recordings to come."""
        self._header = self._header.knowing(word)
        if self._journal is not None:
            self._journal.tell(word)

    def flush_if_due(self) -> None:
        """Call this at least four times a second, as that of `Journal`."""
        if self._journal is not None:
            self._journal.flush_if_due()
        elif self._wanted and self._clock() >= self._retry_at_s:
            self._begin()
        self._state = self._state_now()

    def close(self) -> None:
        """End the recording that is being written, if one is; forget what was not asked for."""
        if self._journal is not None:
            self._end(self._journal)
        self._state = replace(self._state_now(), closed=True)

    def _probe(self) -> None:
        """Find out now whether the folder can be written, not when it matters."""
        Journal(self._folder, self._now(), **self._options).discard()

    def _now(self) -> Header:
        wall_ns = self._wall_ns() // 1000 * 1000
        return replace(self._header, wall_ns=wall_ns, monotonic_ns=time.monotonic_ns())

    def _begin(self) -> None:
        try:
            journal = Journal(self._folder, self._now(), clock=self._clock, **self._options)
        except BadInputError as error:
            self._alarm = f"not recording: {error}"
            self._retry_at_s = self._clock() + RETRY_S
            return
        self._alarm = None
        for trigger in self._wanted:
            journal.tell(trigger)
        self._wanted = []
        if self._identified is not None:
            # What this recording begins with is not what the live session began with.
            journal.write([replace(self._identified, from_frame=0)])
        journal.write([item for item in self._ring.items() if type(item) is not Identified])
        journal.flush()
        self._journal = journal

    def _finish_if_over(self) -> None:
        if self._journal is not None and self._ring.now_ns >= self._until_ns:
            self._end(self._journal)

    def _end(self, journal: Journal) -> None:
        journal.close()
        ended, past = journal.state, self._past
        self._past = replace(
            past,
            files=(*past.files, *ended.files),
            frames=past.frames + ended.frames,
            lost=past.lost + ended.lost,
            notes=(*past.notes, *ended.notes),
            saved=past.saved + 1,
        )
        self._journal = None

    def _state_now(self) -> JournalState:
        past = self._past
        if self._journal is None:
            return replace(past, held=self._ring.frames, alarm=self._alarm)
        writing = self._journal.state
        return replace(
            past,
            files=(*past.files, *writing.files),
            frames=past.frames + writing.frames,
            held=self._ring.frames + writing.held,
            lost=past.lost + writing.lost,
            alarm=writing.alarm,
            notes=(*past.notes, *writing.notes),
        )
