"""Keeps the last minutes in memory and writes them down when something happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from evdiag.errors import BadInputError
from evdiag.inputs import Frame, Identified, Input, Mark
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
    own and goes on writing until `after_s` seconds after the last trigger; `start` does so until
    `stop`. Time is that of the inputs' stamps. `options` are those of `Journal`.

    With `on_demand` nothing but `start` and `save` writes, and a folder that cannot be written is
    told when that matters.
    """

    def __init__(
        self,
        folder: Path,
        header: Header,
        *,
        window_s: float = WINDOW_S,
        after_s: float = AFTER_S,
        most_frames: int = MOST_FRAMES,
        on_demand: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
        **options: Any,
    ) -> None:
        """Make the folder, where it is not there yet.

        Raises:
            BadInputError: nothing can be recorded there.
        """
        self._folder = folder
        self._header = header if on_demand else replace(header, mode="black box")
        self._on_demand = on_demand
        self._after_ns = int(after_s * 1e9)
        self._clock = clock
        self._wall_ns = wall_ns
        self._options = options
        self._ring = Ring(int(window_s * 1e9), most_frames)
        self._frames = 0
        self._first_frame = 0
        self._identified: Identified | None = None
        self._journal: Journal | None = None
        self._until_ns = 0
        self._until_stopped = False
        self._since_ns: int | None = None
        self._wanted: list[Trigger] = []
        self._alarm: str | None = None
        self._retry_at_s = 0.0
        self._past = JournalState(header.wall_ns)
        self._state = self._past
        if not on_demand:
            self._probe()

    @property
    def state(self) -> JournalState:
        """What was saved, what is being saved, and what is wrong; any thread may ask."""
        return self._state

    def write(self, items: Sequence[Input]) -> None:
        """Take inputs in their order; a mark among them saves."""
        for item in items:
            if type(item) is Frame:
                self._frames += 1
            elif type(item) is Identified:
                self._identified = item
        self._ring.add(items)
        if self._journal is not None:
            self._journal.write([self._renumbered(item) for item in items])
        for item in items:
            if type(item) is Mark and not self._on_demand:
                self.save(f"mark: {item.text}")
        self._finish_if_over()
        self._state = self._state_now()

    def _renumbered(self, item: Input) -> Input:
        """Have a car that was recognised meanwhile count this recording's frames."""
        if type(item) is Identified:
            return item._replace(from_frame=max(0, item.from_frame - self._first_frame))
        return item

    def save(self, reason: str) -> None:
        """Write the last minutes down, and what comes; called in the writer's thread."""
        self._until_ns = self._ring.now_ns + self._after_ns
        self._write_because(reason)

    def start(self, reason: str) -> None:
        """Write the last minutes down, and all that comes until `stop`; in the writer's thread."""
        self._until_stopped = True
        self._write_because(reason)

    def stop(self) -> None:
        """End the recording now; the last minutes are kept in memory again."""
        self._until_stopped = False
        self._wanted = []
        self._alarm = None
        if self._journal is not None:
            self._end(self._journal)
        self._state = self._state_now()

    def _write_because(self, reason: str) -> None:
        now_ns = self._wall_ns() // 1000 * 1000
        trigger = Trigger(now_ns, reason)
        if self._journal is not None:
            self._journal.tell(trigger)
        else:
            if not self._wanted:
                self._since_ns = now_ns
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
        self._first_frame = self._frames - self._ring.frames
        for trigger in self._wanted:
            journal.tell(trigger)
        self._wanted = []
        if self._identified is not None:
            # What this recording begins with is not what the live session began with.
            journal.write([self._identified._replace(from_frame=0)])
        journal.write([item for item in self._ring.items() if type(item) is not Identified])
        journal.flush()
        self._journal = journal

    def _finish_if_over(self) -> None:
        over = self._ring.now_ns >= self._until_ns and not self._until_stopped
        if self._journal is not None and over:
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
            since_ns = self._since_ns if self._wanted else None
            held, alarm = self._ring.frames, self._alarm
            return replace(past, held=held, alarm=alarm, writing_since_ns=since_ns)
        writing = self._journal.state
        return replace(
            past,
            files=(*past.files, *writing.files),
            frames=past.frames + writing.frames,
            held=writing.held,
            lost=past.lost + writing.lost,
            alarm=writing.alarm,
            notes=(*past.notes, *writing.notes),
            writing_since_ns=self._since_ns,
        )
